import type { IncomingHttpHeaders, OutgoingHttpHeaders } from 'node:http2'
import { ErrorCode, FlotillaError } from '@flotilla/protocol'

const maxMessage = 1000

/** How a call ended, behind its last frame. A header block must stay small, so the message is cut before it is encoded. */
export function toTrailers(outcome: FlotillaError | undefined): OutgoingHttpHeaders {
  if (outcome === undefined) return { code: 'OK' }
  // Through UTF-8 and back, because encodeURIComponent throws on half a surrogate pair.
  const message = Buffer.from(outcome.message.slice(0, maxMessage)).toString()
  return { code: outcome.code, message: encodeURIComponent(message) }
}

/** The error that trailers tell of, or undefined for success. A call without trailers was cut off. */
export function fromTrailers(trailers: IncomingHttpHeaders | undefined): FlotillaError | undefined {
  if (trailers === undefined) return linkLost()
  if (trailers['code'] === 'OK') return undefined
  const code = ErrorCode.safeParse(trailers['code'])
  return new FlotillaError(code.success ? code.data : 'INTERNAL', decode(trailers['message']))
}

export function linkLost(): FlotillaError {
  return new FlotillaError('UNAVAILABLE', 'The link to the host was lost before the answer came.')
}

function decode(message: string | string[] | undefined): string {
  const text = typeof message === 'string' ? message.slice(0, maxMessage * 9) : ''
  try {
    return decodeURIComponent(text)
  } catch {
    return text // not encoded as we do it; better shown raw than lost
  }
}
