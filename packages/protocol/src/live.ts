import { z } from 'zod'
import { LogsInput } from './nouns/container/container-io.ts'
import { ReportedError } from './errors/index.ts'
import { text } from './text.ts'
import { ExecUp, ExecWriter } from './nouns/session/exec.ts'

/**
 * The live channel between browser and control plane, over socket.io with the WebSocket transport alone.
 *
 * Browser to server: `stream.open` (acknowledged), `stream.ack`, `stream.input` (acknowledged), `stream.close`.
 * Server to browser: `fleet`, `stream.data`, `stream.end`.
 */
export const liveEvents = {
  fleet: 'fleet',
  streamOpen: 'stream.open',
  streamData: 'stream.data',
  streamAck: 'stream.ack',
  streamInput: 'stream.input',
  streamClose: 'stream.close',
  streamEnd: 'stream.end',
} as const

/** Bytes of `stream.data` that may be under way unacknowledged, per stream; at zero the server stops reading the host. */
export const streamCreditBytes = 512 * 1024

/** Made by the browser, unique within its connection. */
const streamId = z.number().int().min(1).max(1_000_000_000)

export const StreamOpen = z.discriminatedUnion('kind', [
  z.object({ kind: z.literal('logs'), stream: streamId, input: LogsInput }),
  z.object({
    kind: z.literal('stats'),
    stream: streamId,
    input: z.object({
      id: z.string().min(1).max(128),
      intervalMs: z.number().int().min(250).max(60_000).default(1000),
    }),
  }),
  /**
   * `container` is the platform id; `session` an exec session made by `containers.createExec`. A `writer` is told by `input`
   * messages (ExecDown) what the session has taken of his input, over all his streams.
   */
  z.object({
    kind: z.literal('terminal'),
    stream: streamId,
    input: z.object({
      container: z.string().min(1).max(128),
      // eslint-disable-next-line no-restricted-syntax -- one field for each thing that a terminal takes, no map by kinds
      session: z.string().min(1).max(128),
      writer: ExecWriter.optional(),
    }),
  }),
  /** An operation's progress until it ends. Without a host: one of the control plane's own, over several. */
  z.object({
    kind: z.literal('operation'),
    stream: streamId,
    input: z.object({ hostId: z.string().min(1).max(128).nullish(), id: text(64).min(1) }),
  }),
])
export type StreamOpen = z.infer<typeof StreamOpen>
export type StreamOpenInput = z.input<typeof StreamOpen>

/**
 * `stream.data` is (stream, payload). Payload is bytes: terminal output as it is, and for the rest the UTF-8 JSON of an
 * array of items (LogBatch, Stats, FleetOperation). A terminal's messages (ExecDown) come as a JSON string instead.
 * The browser acknowledges what it has rendered with `stream.ack` (stream, bytes), a string counting its length.
 */
export const StreamAck = z.object({
  stream: streamId,
  bytes: z
    .number()
    .int()
    .min(1)
    .max(16 * 1024 * 1024),
})

/**
 * `stream.input` carries bytes (standard input) or one message, of 64 KiB at most. It is acknowledged when it is on its way to
 * the host; a megabyte may wait for that, and whoever sends more ends the stream.
 */
export const StreamInput = z.object({
  stream: streamId,
  data: z.instanceof(Uint8Array).optional(),
  message: ExecUp.optional(),
})
export const StreamClose = z.object({ stream: streamId })

/** `stream.end`: why there will be no more; no error where the source itself ended. */
export const StreamEnd = z.object({
  stream: streamId,
  error: ReportedError.optional(),
})
export type StreamEnd = z.infer<typeof StreamEnd>

/** What changed of one kind: a noun's, `host` or `operation`. */
export const KindChanges = z.object({
  kind: z.string(),
  /** The name under which its lists are asked for: `containers`. */
  plural: z.string(),
  /** As the lists have them. */
  rows: z.array(z.looseObject({ id: z.string() })),
  /** Ids of what is gone, or may be seen no longer. */
  removed: z.array(z.string()),
})
export type KindChanges = z.infer<typeof KindChanges>

/** What changed in the fleet since the last one, at most some ten a second; the browser merges it into its lists. */
export const FleetChanges = z.object({
  /** Grows by one with each message to this connection; a gap asks for a reload of the lists. */
  sequence: z.number().int().nonnegative(),
  changes: z.array(KindChanges),
})
export type FleetChanges = z.infer<typeof FleetChanges>
