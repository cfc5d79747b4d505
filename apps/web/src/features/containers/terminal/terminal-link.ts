import type { ExecDown, Reason } from '@flotilla/protocol'
import type { LiveChannel } from '../../../live/channel.ts'
import type { LiveStream, StreamFailure } from '../../../live/stream.ts'

/** Where a terminal stands, for the words beside it. */
export type TerminalStatus =
  | { state: 'connecting' | 'lost' | 'replaying' | 'live' }
  | { state: 'exited'; exitCode: number | null; reason?: string | undefined; reasonFacts?: Reason | undefined }
  | { state: 'failed'; failure: StreamFailure }

interface Screen {
  /** Takes output; `done` when it has been drawn. */
  write: (bytes: Uint8Array, done: () => void) => void
  /** Everything is printed again from the start: forget what is there. */
  reset: () => void
  size: () => { columns: number; rows: number }
  onStatus: (status: TerminalStatus) => void
}

/**
 * One shell's end in the browser. After a reload or a cut connection it is given all that was printed before, and only what
 * the person types after that goes back: what the screen would answer to old queries must not reach the shell.
 */
export class TerminalLink {
  private readonly stream: LiveStream
  private readonly screen: Screen
  private readonly encoder = new TextEncoder()
  private isFresh = true
  private isLive = false
  private isOver = false

  constructor(channel: LiveChannel, container: string, session: string, screen: Screen) {
    this.screen = screen
    this.stream = channel.open(() => ({ kind: 'terminal', input: { container, session } }))
    this.stream.onBytes = (bytes, done) => {
      this.begin()
      screen.write(bytes, done)
    }
    this.stream.onMessage = (text) => this.message(text)
    this.stream.onState = () => this.changed()
    this.changed()
  }

  type(text: string): void {
    this.send(this.encoder.encode(text))
  }

  send(bytes: Uint8Array): void {
    if (this.isLive) this.stream.write(bytes)
  }

  resize(): void {
    if (this.isLive) this.stream.send({ type: 'resize', ...this.screen.size() })
  }

  close(): void {
    this.stream.close()
  }

  private begin(): void {
    if (!this.isFresh) return
    this.isFresh = false
    this.screen.reset()
    this.screen.onStatus({ state: 'replaying' })
  }

  private message(text: string): void {
    this.begin()
    for (const message of messagesOf(text)) {
      if (message.type === 'live') {
        // What was written before is parsed in turn; only then may the screen's own answers go out.
        this.screen.write(new Uint8Array(), () => {
          this.isLive = true
          this.resize()
          if (!this.isOver) this.screen.onStatus({ state: 'live' })
        })
      } else if (message.type === 'exit') {
        this.isOver = true
        const { exitCode, reason, reasonFacts } = message
        this.screen.onStatus({ state: 'exited', exitCode, reason, reasonFacts })
      }
    }
  }

  private changed(): void {
    const { state, failure } = this.stream
    if (state === 'open' || this.isOver) return
    this.isLive = false
    this.isFresh = true
    if (state === 'ended')
      this.screen.onStatus({
        state: 'failed',
        failure: failure ?? { code: 'UNAVAILABLE', message: '' },
      })
    else this.screen.onStatus({ state })
  }
}

function messagesOf(text: string): ExecDown[] {
  const value = JSON.parse(text) as ExecDown | ExecDown[]
  return Array.isArray(value) ? value : [value]
}
