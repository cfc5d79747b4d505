import {
  type Call,
  type ExecAttachInput,
  type ExecDown,
  type ExecUp,
  type ExecWriter,
  type Incoming,
  toFlotillaError,
} from '@flotilla/protocol'
import type { z } from 'zod'
import type { ExecSession } from './exec-session.ts'
import type { ExecSessions } from './exec-sessions.ts'

/**
 * A session's output: what is kept of it, then as it comes, each reader at his own pace until he holds the command up. Leaving
 * ends nothing: the session goes on, and the next attach finds what is kept.
 */
export async function* attachExec(
  sessions: ExecSessions,
  input: z.output<typeof ExecAttachInput>,
  incoming: Incoming<ExecUp>,
  call: Call,
): AsyncGenerator<Uint8Array | ExecDown> {
  const session = sessions.get(input.session)
  const reader = session.scrollback.open(input.replay)
  const pump = startInput(session, incoming, input.writer, call.signal)
  let channel: 'stdout' | 'stderr' = 'stdout'
  let isLive = false
  try {
    while (!call.signal.aborted) {
      // An input that came after the end is nobody's error: the exit is told anyway.
      if (pump.error !== undefined && session.end === undefined) throw toFlotillaError(pump.error)
      const news = pump.news()
      if (news !== undefined) yield news
      const { end } = session
      const piece = reader.next()
      if (piece !== undefined) {
        if (piece.channel !== channel) yield { type: 'channel', channel: piece.channel }
        channel = piece.channel
        yield piece.bytes
      } else if (!isLive) {
        yield { type: 'live', lostBytes: reader.lostBytes }
        isLive = true
      } else if (end !== undefined) {
        yield { type: 'exit', ...end }
        return
      } else {
        await session.scrollback.change(call.signal) // nothing is awaited since the look, so that no change is missed
      }
    }
  } finally {
    pump.stop()
    reader.close()
  }
}

/** Passes on what the person sends; the reader is woken to tell how much was taken, or why it failed. */
function startInput(
  session: ExecSession,
  incoming: Incoming<ExecUp>,
  writer: ExecWriter | undefined,
  signal: AbortSignal,
) {
  const sink = {
    write: (bytes: Uint8Array) => session.write(bytes),
    endInput: () => session.endInput(),
    resize: (columns: number, rows: number) => session.resize(columns, rows, signal),
  }
  return session.input.attach(sink, incoming, writer, () => session.scrollback.wake())
}
