import type { LogBatch, LogLine } from '@flotilla/protocol'
import type { LiveChannel } from '../../../live/channel.ts'
import type { LiveStream, StreamFailure, StreamState } from '../../../live/stream.ts'
import { readLogBatches } from './log-batches.ts'
import { LogStore } from './log-store.ts'

const firstTail = 5000
const earlierStep = 50_000

interface Options {
  channel: Pick<LiveChannel, 'open'>
  container: string
  /** Says that what came is no log. */
  unreadable: string
  onChange: () => void
}

/**
 * A container's log as a page follows it: from its last lines on, going on after the last seen line when the connection
 * was cut. Pieces are acknowledged when they have been drawn, so that a tab that stands still costs nothing.
 */
export class LogSession {
  readonly store = new LogStore()
  state: StreamState = 'connecting'
  failure: StreamFailure | null = null
  /** A first answer has come, were it empty. */
  isLoaded = false
  loadingEarlier = false
  private readonly options: Options
  private readonly stream: LiveStream
  private readonly decoder = new TextDecoder()
  private readonly drawn: (() => void)[] = []
  private cursor: string | null = null
  private earlier: LiveStream | null = null
  private frame: number | null = null
  private received = 0
  private mayHaveEarlier = true
  /** When a run began whose mark is still to be set, in ms since 1970. */
  private againAt: number | null = null

  constructor(options: Options) {
    this.options = options
    this.stream = options.channel.open(() => ({
      kind: 'logs',
      input: {
        id: options.container,
        follow: true,
        ...(this.cursor === null ? { tail: firstTail } : { after: this.cursor }),
      },
    }))
    this.stream.onBytes = (bytes, done) => this.take(bytes, done)
    this.stream.onState = () => this.changedState()
    this.changedState()
  }

  /** There may be lines before the first: as many as were asked for have come, and what is here has room for more. */
  get hasEarlier(): boolean {
    return this.mayHaveEarlier && this.received >= firstTail && this.store.droppedLines === 0
  }

  /**
   * The container was started again: goes on after the end, also where that end is still to be told. Where the log goes on by
   * itself, as after a restart by policy, the mark stands before the new run's first line.
   */
  startedAgain(at: string | null): void {
    this.againAt = at === null ? null : Date.parse(at)
    this.resume()
  }

  /** Goes on after the end. */
  resume(): void {
    if (this.stream.state !== 'ended') return
    this.markRestart()
    this.stream.reopen()
  }

  /** Everything that is shown has been drawn: more may come. */
  acknowledge(): void {
    for (const done of this.drawn.splice(0)) done()
  }

  /** Loads what was printed before the first line that is here. */
  loadEarlier(): void {
    if (this.loadingEarlier || !this.hasEarlier) return
    this.loadingEarlier = true
    const lines: LogLine[] = []
    let gap: LogBatch['gap']
    const tail = this.received + earlierStep
    const stream = this.options.channel.open(() => {
      lines.length = 0
      gap = undefined
      return { kind: 'logs', input: { id: this.options.container, follow: false, tail } }
    })
    this.earlier = stream
    const first = this.store.rows.find((row) => row.kind === 'line')
    stream.onBytes = (bytes, done) => {
      let past = false
      for (const batch of this.parse(bytes)) {
        if (lines.length === 0) gap ??= batch.gap
        for (const line of batch.lines) {
          if (first !== undefined && line.time > first.time) past = true
          else lines.push(line)
        }
      }
      done()
      if (past) this.finishEarlier(lines, gap)
    }
    stream.onState = () => {
      if (stream.state === 'ended') this.finishEarlier(lines, gap)
    }
    this.changed()
  }

  close(): void {
    if (this.frame !== null) cancelAnimationFrame(this.frame)
    this.stream.close()
    this.earlier?.close()
  }

  private finishEarlier(lines: readonly LogLine[], gap: LogBatch['gap']): void {
    if (this.earlier === null) return
    const failure = this.earlier.failure
    this.earlier.close()
    this.earlier = null
    this.loadingEarlier = false
    if (failure === null) {
      const count = this.store.prepend(this.before(lines), gap)
      this.received += count
      this.mayHaveEarlier = count > 0
    }
    this.changed()
  }

  /**
   * Of lines up to and with the first one's time, those that are not here yet. The runtime gives lines that were printed
   * together one and the same time: as many of the last group are left out as are here already.
   */
  private before(lines: readonly LogLine[]): readonly LogLine[] {
    const first = this.store.rows.find((row) => row.kind === 'line')
    if (first === undefined) return lines
    let here = 0
    for (const row of this.store.rows) {
      if (row.kind !== 'line') continue
      if (row.time !== first.time) break
      here += 1
    }
    const same = lines.filter((line) => line.time === first.time && line.partial !== true).length
    return lines.slice(0, lines.length - (same === 0 ? 0 : Math.min(same, here)))
  }

  private markRestart(): void {
    this.againAt = null
    if (this.store.rows.length > 0) this.store.mark('restart', { lines: null, from: null, to: null })
  }

  private push(batch: LogBatch): void {
    const at = this.againAt
    const cut = at === null ? -1 : batch.lines.findIndex(({ time }) => Date.parse(time) >= at)
    if (cut < 0) return this.store.push(batch)
    this.store.push({ ...batch, lines: batch.lines.slice(0, cut) })
    this.markRestart()
    this.store.push({ lines: batch.lines.slice(cut) })
  }

  private take(bytes: Uint8Array, done: () => void): void {
    for (const batch of this.parse(bytes)) {
      this.push(batch)
      this.received += batch.lines.length
      this.cursor = batch.cursor
    }
    this.isLoaded = true
    this.drawn.push(done)
    this.changed()
  }

  private parse(bytes: Uint8Array): LogBatch[] {
    const batches = readLogBatches(this.decoder.decode(bytes))
    if (batches !== null) return batches
    this.stream.ended({ code: 'INTERNAL', message: this.options.unreadable })
    return []
  }

  private changedState(): void {
    const { state, failure } = this.stream
    this.state = state
    this.failure = failure
    if (state === 'ended') {
      this.isLoaded = true
      if (this.againAt !== null && failure === null) this.resume()
    }
    // What a cut connection had under way is sent again after the cursor.
    if (state === 'lost') this.drawn.length = 0
    this.changed()
  }

  /** At most one drawing a frame, however much comes. */
  private changed(): void {
    this.frame ??= requestAnimationFrame(() => {
      this.frame = null
      this.options.onChange()
    })
  }
}
