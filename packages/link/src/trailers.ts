import type { IncomingHttpHeaders, OutgoingHttpHeaders } from 'node:http2'
import { ErrorCode, ErrorFacts, type ErrorParams, FlotillaError, fail } from '@flotilla/protocol'

const maxMessage = 1000
/** With a message that is all escapes the block stays below 15 KB, which every peer takes. */
const maxFacts = 4000
const maxParam = 300

/**
 * How a call ended, behind its last frame: `code`, the English `message`, and `facts` (kind, parameters, field, objects) for
 * who knows them. A header block must stay small, so all is cut before it is encoded.
 */
export function toTrailers(outcome: FlotillaError | undefined): OutgoingHttpHeaders {
  if (outcome === undefined) return { code: 'OK' }
  // Through UTF-8 and back, because encodeURIComponent throws on half a surrogate pair.
  const message = Buffer.from(outcome.message.slice(0, maxMessage)).toString()
  const facts = encodeFacts(outcome.facts())
  return { code: outcome.code, message: encodeURIComponent(message), ...(facts === undefined ? {} : { facts }) }
}

/** The error that trailers tell of, or undefined for success. A call without trailers was cut off. */
export function fromTrailers(trailers: IncomingHttpHeaders | undefined): FlotillaError | undefined {
  if (trailers === undefined) return linkLost()
  if (trailers['code'] === 'OK') return undefined
  const code = ErrorCode.safeParse(trailers['code'])
  const facts = code.success ? decodeFacts(trailers['facts']) : {}
  return new FlotillaError(code.success ? code.data : 'INTERNAL', decode(trailers['message']), facts)
}

export function linkLost(): FlotillaError {
  return fail('link.lost')
}

/** Facts as JSON of plain ASCII; what does not fit goes: the objects first, then all but the field. */
function encodeFacts(facts: ErrorFacts): string | undefined {
  const params = facts.params === undefined ? {} : { params: shortened(facts.params) }
  const { objects: _, ...lighter } = { ...facts, ...params }
  const forms: ErrorFacts[] = [{ ...facts, ...params }, lighter, { field: facts.field }]
  return forms.map(asciiJson).find((text) => text !== '{}' && text.length <= maxFacts)
}

function shortened(params: ErrorParams): ErrorParams {
  const short = (value: string | number) => (typeof value === 'string' ? value.slice(0, maxParam) : value)
  return Object.fromEntries(Object.entries(params).map(([name, value]) => [name, short(value)]))
}

/** What a header may not hold is escaped as JSON escapes it. */
function asciiJson(value: unknown): string {
  return JSON.stringify(value).replace(/[^ -~]/g, (one) => `\\u${one.charCodeAt(0).toString(16).padStart(4, '0')}`)
}

/** What an older side does not send, and what is not as it should be, is as if it were not there. */
function decodeFacts(text: string | string[] | undefined): ErrorFacts {
  if (typeof text !== 'string' || text.length > maxFacts) return {}
  try {
    const facts = ErrorFacts.safeParse(JSON.parse(text))
    return facts.success ? facts.data : {}
  } catch {
    return {}
  }
}

function decode(message: string | string[] | undefined): string {
  const text = typeof message === 'string' ? message.slice(0, maxMessage * 9) : ''
  try {
    return decodeURIComponent(text)
  } catch {
    return text // not encoded as we do it; better shown raw than lost
  }
}
