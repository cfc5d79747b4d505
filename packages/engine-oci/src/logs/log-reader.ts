import { setTimeout as sleep } from 'node:timers/promises'
import type { LogBatch, LogLine, LogsInput } from '@flotilla/protocol'
import { BatchWriter } from './batch-writer.ts'
import { FolderWatch } from './folder-watch.ts'
import type { LogFolder } from './log-folder.ts'
import { entryTimeMs, type LogEntry } from './log-line.ts'
import { seekTail, seekTime } from './log-seek.ts'
import type { LogTurns } from './log-turns.ts'
import { formatPlace, type LogPlace, logStart, LogWalker, parsePlace, type Step } from './log-walker.ts'
import type { z } from 'zod'

type Input = Omit<z.output<typeof LogsInput>, 'id'>

/** A log and whether its writer still writes. */
export interface LogSource {
  folder: LogFolder
  ended(): boolean
  /** Calls back when it may have ended. Gives the function that unsubscribes. */
  onEnd(listener: () => void): () => void
  /** Taken with the readers of other logs, where there are any. */
  turns?: LogTurns
}

/** Changes that come close together are read together, so that a chatty container costs few reads. */
const coalesceMs = 10

/**
 * The lines of a log, and with `follow` those still to come until the writer has ended and all is read. Nothing is read ahead:
 * who does not ask for the next batch costs one chunk of 64 KiB.
 */
export async function* readLog(source: LogSource, input: Input, signal: AbortSignal): AsyncGenerator<LogBatch> {
  const { folder } = source
  const filter = new LineFilter(input)
  const walker = new LogWalker(folder, await startPlace(folder, input))
  const watch = input.follow ? new FolderWatch(folder.path) : undefined
  const unsubscribe = watch === undefined ? undefined : source.onEnd(() => watch.notify())
  let lastWake = Number.NEGATIVE_INFINITY
  try {
    while (!signal.aborted) {
      const wasEnded = source.ended()
      const look = () => walker.next()
      const step = await (source.turns?.run(look, bytesOf) ?? look())
      if (step !== undefined) {
        const found = batch(filter, step, walker.place)
        if (found !== undefined) yield found
        if (filter.isPast) return
        continue
      }
      if (watch === undefined || wasEnded || filter.isOver(Date.now())) return
      await watch.wait(signal)
      const soon = lastWake + coalesceMs - performance.now()
      if (soon > 0) await sleep(soon)
      lastWake = performance.now()
    }
  } finally {
    unsubscribe?.()
    watch?.close()
    await walker.close()
  }
}

async function startPlace(folder: LogFolder, input: Input): Promise<LogPlace> {
  if (input.after !== undefined) return parsePlace(input.after)
  const since = input.since === undefined ? undefined : Date.parse(input.since)
  if (input.tail !== null) return seekTail(folder, input.tail, input)
  if (since !== undefined) return seekTime(folder, since)
  return logStart
}

/** How much of the log a step has read. */
function bytesOf(step: Step | undefined): number {
  const [first, last] = [step?.entries[0], step?.entries.at(-1)]
  return first === undefined || last === undefined ? 0 : last.end - first.start
}

function batch(filter: LineFilter, step: Step, place: LogPlace): LogBatch | undefined {
  const writer = new BatchWriter(bytesOf(step))
  for (const entry of step.entries) {
    if (filter.takesAsIs(entry)) writer.entry(entry)
    else {
      const line = filter.line(entry)
      if (line !== undefined) writer.line(line)
    }
  }
  const gap = filter.gap(step.gap)
  if (writer.isEmpty && gap === undefined) return undefined
  return writer.end(formatPlace(place), gap)
}

/** A byte order mark at the beginning is a character like any other. */
const decoder = () => new TextDecoder('utf-8', { ignoreBOM: true })

/** Picks what was asked for and decodes it; characters that were cut between two pieces of a line are put together. */
class LineFilter {
  readonly #input: Input
  readonly #since: number | undefined
  readonly #until: number | undefined
  readonly #decoders = { stdout: decoder(), stderr: decoder() }
  readonly #open = { stdout: false, stderr: false }
  /** The rest of the line is not asked for either. */
  readonly #left = { stdout: false, stderr: false }
  readonly #isForAllTime: boolean
  /** All that follows is younger than asked for. */
  isPast = false

  constructor(input: Input) {
    this.#input = input
    this.#since = input.since === undefined ? undefined : Date.parse(input.since)
    this.#until = input.until === undefined ? undefined : Date.parse(input.until)
    this.#isForAllTime = this.#since === undefined && this.#until === undefined
  }

  isOver(now: number): boolean {
    return this.#until !== undefined && now > this.#until
  }

  /** A whole line that was asked for and needs no look at its time. */
  takesAsIs({ stream, partial }: LogEntry): boolean {
    return this.#input[stream] && !partial && !this.#open[stream] && this.#isForAllTime
  }

  line(entry: LogEntry): LogLine | undefined {
    const { stream, partial } = entry
    if (!this.#input[stream]) return undefined
    if (!this.#isForAllTime && !this.#isInTime(entry)) return undefined
    const text =
      partial || this.#open[stream]
        ? this.#decoders[stream].decode(entry.data, { stream: partial })
        : entry.data.toString('utf8')
    this.#open[stream] = partial
    return partial ? { time: entry.time, stream, text, partial } : { time: entry.time, stream, text }
  }

  /** A line is asked for or not by the time of its first piece. */
  #isInTime({ stream, partial, time }: LogEntry): boolean {
    const isLeft = this.#left[stream]
    if (isLeft || this.#open[stream]) {
      this.#left[stream] = isLeft && partial
      return !isLeft
    }
    const ms = entryTimeMs(time)
    const isLate = ms !== null && this.#until !== undefined && ms > this.#until
    const isIn = ms === null || (!isLate && (this.#since === undefined || ms >= this.#since))
    this.#left[stream] = !isIn && partial
    if (isLate && ms > (this.#until ?? ms) + 1000 && !this.#open.stdout && !this.#open.stderr) this.isPast = true
    return isIn
  }

  gap(gap: Step['gap']): LogBatch['gap'] {
    if (gap === null) return undefined
    const to = gap.to === null ? null : entryTimeMs(gap.to)
    if (this.#since !== undefined && to !== null && to < this.#since) return undefined
    const { from, to: until, lines, diskFullAt } = gap
    return { from, to: until, lines, ...(diskFullAt === undefined ? {} : { diskFullAt }) }
  }
}
