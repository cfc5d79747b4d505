import { type FlotillaError, type LogBatch, type LogsInput, fail } from '@flotilla/protocol'
import type { z } from 'zod'
import type { Containers } from '../containers/containers.ts'
import { pause } from '@flotilla/async'
import type { Daemon } from '../daemon.ts'
import type { ContainerAnswer } from '../docker-answers.ts'
import { dockerError } from '../docker-error.ts'
import { LineDecoder } from './line-decoder.ts'
import { noReadableLog } from './log-driver.ts'
import type { LogEntry } from './log-entry.ts'
import { FramedLogParser, TerminalLogParser } from './log-parsers.ts'
import { advance, disorderMs, dockerTime, formatPlace, type LogPlace, parsePlace, PlaceSeeker } from './log-place.ts'
import { findTail } from './log-tail.ts'

type Input = z.output<typeof LogsInput>

const maxLines = 1000
const restartLookMs = 250

/**
 * A container's log, and with `follow` what is still to come until it ends for good. Nothing is read ahead but what one socket
 * holds: who does not ask for the next batch makes the daemon wait.
 */
export async function* readContainerLogs(
  parts: { daemon: Daemon; containers: Containers },
  input: Input,
  signal: AbortSignal,
): AsyncGenerator<LogBatch> {
  const container = await parts.containers.answer(input.id, signal)
  const reading = new LogReading(parts.daemon, container, input, signal)
  try {
    do yield* reading.run(input.follow)
    while (input.follow && (await goesOn(parts.containers, container.Id, signal)))
    // A follower of the `local` driver can miss what was written in the last moment.
    if (input.follow && !signal.aborted) yield* reading.run(false)
  } catch (error) {
    if (!signal.aborted) throw logError(dockerError(error))
  }
}

/** Docker ends a followed log with the container's run, also where its restart policy starts it again. */
async function goesOn(containers: Containers, id: string, signal: AbortSignal): Promise<boolean> {
  for (;;) {
    const status = (await containers.find(id, signal))?.State.Status
    if (status !== 'running' && status !== 'paused' && status !== 'restarting') return false
    await pause(restartLookMs, signal)
    if (status !== 'restarting' || signal.aborted) return !signal.aborted
  }
}

/** One reader's way through a log, over as many requests as it takes. */
class LogReading {
  readonly #daemon: Daemon
  readonly #container: ContainerAnswer
  readonly #input: Input
  readonly #signal: AbortSignal
  readonly #decoder = new LineDecoder()
  readonly #began = new Date().toISOString()
  #place: LogPlace | undefined
  #isFirst = true
  #follow = false

  constructor(daemon: Daemon, container: ContainerAnswer, input: Input, signal: AbortSignal) {
    this.#daemon = daemon
    this.#container = container
    this.#input = input
    this.#signal = signal
    this.#place = input.after === undefined ? undefined : parsePlace(input.after)
  }

  /** One request to its end; the next run goes on behind it. */
  async *run(follow: boolean): AsyncGenerator<LogBatch> {
    this.#follow = follow
    const place = this.#place
    if (place === undefined) {
      yield* this.#read(await this.#startQuery())
      return
    }
    const since = dockerTime(place.time, -disorderMs)
    const isFound = yield* this.#read({ since }, { seeker: new PlaceSeeker(place) })
    // It was rotated away: all that is left follows it.
    if (!isFound) yield* this.#read({ since: dockerTime(place.time) }, { gapFrom: place.time })
  }

  async #startQuery(): Promise<Record<string, string>> {
    const { tail, since, stdout, stderr } = this.#input
    const isFirst = this.#isFirst
    this.#isFirst = false
    const start: Record<string, string> = since === undefined ? {} : { since: dockerTime(since) }
    if (tail === null) return start
    if (!isFirst) return { since: dockerTime(this.#began) } // no line has come yet, and old ones were not asked for
    if (stdout === stderr || tail === 0) return { ...start, tail: String(tail) }
    const both = { stdout: '1', stderr: '1' }
    return {
      ...start,
      tail: String(await findTail((query) => this.#entries({ ...both, ...query }), tail, this.#input)),
    }
  }

  /** Gives whether the place that was looked for was found. */
  async *#read(
    query: Record<string, string>,
    from: { seeker?: PlaceSeeker; gapFrom?: string } = {},
  ): AsyncGenerator<LogBatch, boolean> {
    let { seeker, gapFrom } = from
    for await (const entries of this.#entries({ ...this.#wanted(), ...query })) {
      let at = 0
      for (; seeker !== undefined && at < entries.length; at += 1) {
        const entry = entries[at]
        const where = entry === undefined ? 'before' : seeker.look(entry)
        if (where === 'lost') return false
        if (where === 'found') seeker = undefined
      }
      for (; at < entries.length; at += maxLines) {
        yield this.#batch(entries.slice(at, at + maxLines), gapFrom)
        gapFrom = undefined
      }
    }
    return seeker === undefined
  }

  #batch(entries: readonly LogEntry[], gapFrom: string | undefined): LogBatch {
    const lines = entries.map((entry) => this.#decoder.decode(entry))
    for (const entry of entries) this.#place = advance(this.#place, entry)
    const to = entries[0]?.time ?? null
    const gap = gapFrom === undefined ? {} : { gap: { from: gapFrom, to, lines: null } }
    return { lines, cursor: this.#place === undefined ? '' : formatPlace(this.#place), ...gap }
  }

  #wanted(): Record<string, string> {
    const { stdout, stderr, until } = this.#input
    return {
      ...{ follow: this.#follow ? '1' : '0', stdout: stdout ? '1' : '0', stderr: stderr ? '1' : '0' },
      ...(until === undefined ? {} : { until: dockerTime(until) }),
    }
  }

  /** The entries of one request, as many at a time as have come. */
  async *#entries(query: Record<string, string>): AsyncGenerator<LogEntry[]> {
    const { Id, Config } = this.#container
    const parser = Config.Tty ? new TerminalLogParser() : new FramedLogParser()
    const path = `/containers/${Id}/logs`
    const body = await this.#daemon.stream({ path, query: { timestamps: '1', ...query }, signal: this.#signal })
    for await (const chunk of body) yield parser.push(chunk as Buffer)
    yield parser.end()
  }
}

function logError(failure: FlotillaError): FlotillaError {
  if (!/does not support reading/.test(failure.message)) return failure
  return fail('log.notReadable', { reason: noReadableLog }, { detail: failure.detail })
}
