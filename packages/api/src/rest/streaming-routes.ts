import { type LogBatch, type LogLine, LogsInput, OperationId, type Stats } from '@flotilla/protocol'
import { z } from 'zod'
import type { Access } from '../access.ts'
import { containerLogs, containerStats, operationProgress } from '../containers/streams.ts'
import type { ActorContext } from '../context.ts'
import type { Opened } from '../opened.ts'
import { TextLines, WholeLines } from './whole-lines.ts'

export type StreamFormat = 'ndjson' | 'text'

/** A REST route whose answer is a stream of text pieces. Its right stands here as a procedure's does. */
export interface StreamingRoute {
  readonly method: 'GET'
  readonly path: `/${string}`
  readonly access: Exclude<Access, 'public'>
  readonly summary: string
  /** Path parameters and query together. */
  readonly input: z.ZodObject
  readonly formats: readonly StreamFormat[]
  open(ctx: ActorContext, input: unknown, format: StreamFormat, signal: AbortSignal): Opened<string>
}

const LogsQuery = LogsInput.extend({
  timestamps: z.boolean().default(false).describe('In text: begin each line with its time, once, however long it is'),
})
const StatsQuery = z.object({
  id: LogsInput.shape.id,
  intervalMs: z.number().int().min(250).max(60_000).default(1000),
  follow: z.boolean().default(true).describe('False: one sample, then the end'),
})

const ProgressQuery = z.object({
  id: OperationId,
  hostId: z.string().min(1).max(128).optional().describe("Of a host's own; left out: of the control plane's own"),
})

async function* logs(
  batches: AsyncIterable<LogBatch>,
  format: StreamFormat,
  timestamps: boolean,
): AsyncGenerator<string> {
  if (format === 'text') {
    const text = new TextLines(timestamps)
    for await (const batch of batches) yield text.add(batch.lines)
    yield text.end()
    return
  }
  const whole = new WholeLines()
  const written = (lines: readonly LogLine[]) => lines.map((line) => `${JSON.stringify(line)}\n`).join('')
  for await (const batch of batches) {
    const gap = batch.gap === undefined ? '' : `${JSON.stringify({ gap: batch.gap })}\n`
    yield gap + written(batch.lines.flatMap((line) => whole.add(line)))
  }
  yield written(whole.end())
}

async function* asLines(items: AsyncIterable<unknown>): AsyncGenerator<string> {
  for await (const item of items) yield `${JSON.stringify(item)}\n`
}

async function* stats(samples: AsyncIterable<Stats>, follow: boolean): AsyncGenerator<string> {
  for await (const sample of samples) {
    yield `${JSON.stringify(sample)}\n`
    if (!follow) return
  }
}

/** Every streaming route there is, beside the procedures. */
export const streamingRoutes: readonly StreamingRoute[] = [
  {
    method: 'GET',
    path: '/containers/{id}/logs',
    access: 'containers.logs',
    summary: 'Its log lines: NDJSON, or plain text by Accept',
    input: LogsQuery,
    formats: ['ndjson', 'text'],
    open: (ctx, raw, format, signal) => {
      const { timestamps, ...input } = LogsQuery.parse(raw)
      const { items, recheck } = containerLogs(ctx, input, signal)
      return { items: logs(items, format, timestamps), recheck }
    },
  },
  {
    method: 'GET',
    path: '/containers/{id}/stats',
    access: 'containers.read',
    summary: 'Its usage, one sample each interval, as NDJSON',
    input: StatsQuery,
    formats: ['ndjson'],
    open: (ctx, raw, _format, signal) => {
      const { follow, ...input } = StatsQuery.parse(raw)
      const { items, recheck } = containerStats(ctx, input, signal)
      return { items: stats(items, follow), recheck }
    },
  },
  {
    method: 'GET',
    path: '/operations/{id}/progress',
    access: 'signed-in',
    summary: 'An operation as it is, then at each change until it ends, as NDJSON',
    input: ProgressQuery,
    formats: ['ndjson'],
    open: (ctx, raw, _format, signal) => {
      const { items, recheck } = operationProgress(ctx, ProgressQuery.parse(raw), signal)
      return { items: asLines(items), recheck }
    },
  },
]
