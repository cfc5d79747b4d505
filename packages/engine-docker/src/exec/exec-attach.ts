import {
  type Call,
  type ExecAttachInput,
  type ExecDown,
  type ExecUp,
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
  const pump = startInput(session, incoming, call.signal)
  let channel: 'stdout' | 'stderr' = 'stdout'
  let isLive = false
  try {
    while (!call.signal.aborted) {
      if (pump.error !== undefined) throw toFlotillaError(pump.error)
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

/** Passes on what the person sends, one thing after the other; where it fails the reader is woken to tell it. */
function startInput(session: ExecSession, incoming: Incoming<ExecUp>, signal: AbortSignal) {
  const iterator = incoming[Symbol.asyncIterator]()
  const state: { error: unknown; stopped: boolean } = { error: undefined, stopped: false }
  const pump = async () => {
    for (;;) {
      const next = await iterator.next()
      if (next.done === true || state.stopped) return
      const item = next.value
      if (item instanceof Uint8Array) await session.write(item)
      else if (item.type === 'stdin-end') session.endInput()
      else await session.resize(item.columns, item.rows, signal)
    }
  }
  pump().catch((error: unknown) => {
    // An input that came after the end is nobody's error: the exit is told anyway.
    if (state.stopped || session.end !== undefined) return
    state.error = error
    session.scrollback.wake()
  })
  return {
    get error() {
      return state.error
    },
    stop() {
      state.stopped = true
      void iterator.return?.()
    },
  }
}
