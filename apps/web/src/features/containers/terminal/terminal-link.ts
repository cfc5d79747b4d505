import type { ExecDown, Reason } from '@flotilla/protocol'
import { newOperationId } from '../../../data/operation-id.ts'
import type { LiveChannel } from '../../../live/channel.ts'
import type { LiveStream, StreamFailure } from '../../../live/stream.ts'
import { isScreenAnswer } from './screen-answers.ts'
import { type InputState, TypedInput } from './typed-input.ts'

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
  onInput: (state: InputState) => void
}

/**
 * One shell's end in the browser. After a reload or a cut connection it is given all that was printed before. What the person
 * types meanwhile is kept until then; what the screen would answer to old queries must not reach the shell.
 */
export class TerminalLink {
  private readonly stream: LiveStream
  private readonly screen: Screen
  private readonly encoder = new TextEncoder()
  private readonly input: TypedInput
  private isFresh = true
  private isLive = false
  private isOver = false
  /** Grows with each cut, so that what was drawn of an earlier connection does not count for this one. */
  private cuts = 0

  constructor(channel: LiveChannel, container: string, session: string, screen: Screen) {
    this.screen = screen
    const id = newOperationId()
    this.input = new TypedInput({
      send: (bytes, passed) => this.stream.write(bytes, passed),
      onChange: (state) => screen.onInput(state),
    })
    this.stream = channel.open(() => ({
      kind: 'terminal',
      input: { container, session, writer: { id, sent: this.input.sent } },
    }))
    this.stream.onBytes = (bytes, done) => {
      this.begin()
      screen.write(bytes, done)
    }
    this.stream.onMessage = (text) => this.message(text)
    this.stream.onState = () => this.changed()
    this.changed()
  }

  type(text: string): void {
    if (this.isOver || (!this.isLive && isScreenAnswer(text))) return
    this.input.add(this.encoder.encode(text))
  }

  /** What is no text: where the mouse is, which is old as soon as it cannot be sent. */
  send(bytes: Uint8Array): void {
    if (this.isLive && !this.isOver) this.input.add(bytes)
  }

  /** Sends nothing more of what waits. */
  cancel(): void {
    this.input.cancel()
  }

  /** The notice is read. */
  dismiss(): void {
    this.input.dismiss()
  }

  resize(): void {
    if (this.isLive) this.stream.send({ type: 'resize', ...this.screen.size() })
  }

  close(): void {
    this.input.close()
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
        const { cuts } = this
        this.screen.write(new Uint8Array(), () => {
          if (this.cuts !== cuts) return
          this.isLive = true
          this.resize()
          if (this.isOver) return
          this.input.live()
          this.screen.onStatus({ state: 'live' })
        })
      } else if (message.type === 'input') this.input.receive(message.received)
      else if (message.type === 'exit') {
        this.isOver = true
        this.input.ended()
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
    this.cuts += 1
    if (state === 'ended') this.input.ended()
    else this.input.away()
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
