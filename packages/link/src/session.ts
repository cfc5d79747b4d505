import type { Http2Session } from 'node:http2'
import { withResolvers } from '@flotilla/async'
import { FlotillaError, fail } from '@flotilla/protocol'
import type { EagerDuplex } from './eager.ts'
import type { Limits } from './limits.ts'

/** What both ends do for a session: pings, the notice of death, one reason for its end. */
export interface Guard {
  /** Settles with the reason when the session has ended. */
  readonly closed: Promise<FlotillaError>
  /** Ends the session; the first reason stays. */
  end(reason: FlotillaError): void
}

/**
 * Watches a session. A side is dead when not one byte came between two pings, although the first asked for an answer:
 * noticed within two intervals. A tick that comes late says that this process stood still, not the other side.
 */
export function guardSession(session: Http2Session, wire: EagerDuplex, limits: Limits): Guard {
  let reason: FlotillaError | undefined
  let seen = -1
  let last = performance.now()
  const { promise, resolve } = withResolvers<FlotillaError>()

  const end = (error: FlotillaError) => {
    reason ??= error
    clearInterval(timer)
    wire.destroy()
  }
  const timer = setInterval(() => {
    if (session.destroyed) return
    const now = performance.now()
    const late = now - last > limits.pingMs * 1.5
    last = now
    if (seen === wire.bytesIn && !late) {
      end(fail('link.silent'))
      return
    }
    seen = wire.bytesIn
    session.ping(() => {}) // the answer counts as bytes; a refused ping means that the session is ending anyway
  }, limits.pingMs)

  session.on('error', (error) => end(fromError(error)))
  wire.on('close', () => {
    end(wire.lost === undefined ? fail('link.cutOff') : fromError(wire.lost))
    // Destroying a session resets its streams, a write for each; Node's wrapper of the duplex takes one at a time, and its
    // assertion goes past every catch to the process. A turn later the wrapper is closed and passes over what is written.
    setImmediate(() => setImmediate(() => session.destroy()))
  })
  session.on('close', () => {
    end(fail('link.closedThere'))
    resolve(reason as FlotillaError)
  })
  session.on('goaway', () => end(fail('link.endedThere')))
  return { closed: promise, end }
}

function fromError(error: Error): FlotillaError {
  if (error instanceof FlotillaError) return error
  return fail('link.broke', {}, { detail: error.message, cause: error })
}
