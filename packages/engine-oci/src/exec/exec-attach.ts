import {
  type Call,
  type ExecAttachInput,
  type ExecDown,
  type ExecUp,
  type Incoming,
  reasonFields,
  toFlotillaError,
} from '@flotilla/protocol'
import type { z } from 'zod'
import { FolderWatch } from '../logs/folder-watch.ts'
import type { LogEntry } from '../logs/log-line.ts'
import { type LogPlace, logStart, LogWalker } from '../logs/log-walker.ts'
import type { ExecRecord } from './exec-record.ts'
import type { ExecSessions } from './exec-sessions.ts'

/**
 * A session's output from its log, which is whole and in order whoever reads and how slowly; what is typed goes through the
 * relay. Leaving ends nothing: the session goes on, and the next attach finds all of it.
 */
export async function* attachExec(
  sessions: ExecSessions,
  input: z.output<typeof ExecAttachInput>,
  incoming: Incoming<ExecUp>,
  call: Call,
): AsyncGenerator<Uint8Array | ExecDown> {
  const id = input.session
  const { tty } = await sessions.refresh(id)
  const folder = sessions.logFolder(id)
  const walker = new LogWalker(folder, input.replay ? logStart : await endOf(sessions, id))
  const watch = new FolderWatch(folder.path)
  const leave = sessions.addReader(id, () => walker.place.generation)
  const pump = sessions.input(id).attach(incoming, input.writer, () => watch.notify())
  let channel: 'stdout' | 'stderr' = 'stdout'
  let lostBytes = 0
  let isLive = false
  // Known before the last look at the log: what was printed before the end is read before the end is told.
  let end: ExecRecord | undefined
  try {
    while (!call.signal.aborted) {
      // An input that came after the end is nobody's error: the exit is told anyway.
      if (pump.error !== undefined && (await sessions.refresh(id)).phase === 'running') {
        throw toFlotillaError(pump.error)
      }
      const news = pump.news()
      if (news !== undefined) yield news
      const step = await walker.next()
      if (step === undefined) {
        if (end !== undefined) {
          if (!isLive) yield { type: 'live', lostBytes }
          yield { type: 'exit', exitCode: end.exitCode, ...reasonFields('reason', end.exitReason) }
          return
        }
        // Asked only where there is nothing to read: a key's echo does not wait for the answer.
        const session = await sessions.refresh(id)
        if (session.phase === 'exited') {
          end = session
          continue
        }
        if (!isLive) yield { type: 'live', lostBytes }
        isLive = true
        await watch.wait(call.signal)
        continue
      }
      lostBytes += step.gap?.bytes ?? 0
      for (const piece of pieces(step.entries, tty)) {
        if (piece.channel !== channel) {
          channel = piece.channel
          yield { type: 'channel', channel }
        }
        yield piece.bytes
      }
    }
  } finally {
    pump.stop()
    leave()
    watch.close()
    await walker.close()
  }
}

/** Neighbouring entries of one channel as one piece, with the newlines that the log's format took. */
function* pieces(
  entries: readonly LogEntry[],
  tty: boolean,
): Generator<{ channel: 'stdout' | 'stderr'; bytes: Uint8Array }> {
  let parts: Uint8Array[] = []
  let channel: 'stdout' | 'stderr' = 'stdout'
  for (const entry of entries) {
    const stream = tty ? 'stdout' : entry.stream
    if (stream !== channel && parts.length > 0) {
      yield { channel, bytes: Buffer.concat(parts) }
      parts = []
    }
    channel = stream
    parts.push(entry.data)
    if (!entry.partial) parts.push(newline)
  }
  if (parts.length > 0) yield { channel, bytes: Buffer.concat(parts) }
}

const newline = Buffer.from('\n')

async function endOf(sessions: ExecSessions, id: string): Promise<LogPlace> {
  const last = (await sessions.logFolder(id).files()).at(-1)
  return last === undefined ? logStart : { generation: last.generation, offset: last.sizeBytes, line: -1 }
}
