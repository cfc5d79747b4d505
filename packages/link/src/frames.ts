import { type FlotillaError, fail, jsonText } from '@flotilla/protocol'

/**
 * A frame is its kind (u8), the payload's length (u32, big-endian) and the payload. Every kind of call is made of them:
 * first one JSON frame with the input, then JSON or bytes as the method says.
 */
export const frameKind = { bytes: 0, json: 1 } as const
export const frameHeaderBytes = 5

export function frameHeader(kind: number, length: number): Buffer {
  const header = Buffer.allocUnsafe(frameHeaderBytes)
  header.writeUInt8(kind, 0)
  header.writeUInt32BE(length, 1)
  return header
}

/** A whole JSON frame. Throws RESOURCE_EXHAUSTED where the value is larger than the other side takes. */
export function jsonFrame(value: unknown, maxBytes: number): Buffer {
  if (typeof value === 'object' && value !== null && jsonText in value) return writtenFrame(value[jsonText], maxBytes)
  const text = JSON.stringify(value) ?? 'null'
  const length = Buffer.byteLength(text)
  if (length > maxBytes) throw tooLarge(length, maxBytes)
  const frame = Buffer.allocUnsafe(frameHeaderBytes + length)
  frame.writeUInt8(frameKind.json, 0)
  frame.writeUInt32BE(length, 1)
  frame.write(text, frameHeaderBytes)
  return frame
}

function writtenFrame(text: unknown, maxBytes: number): Buffer {
  if (!(text instanceof Uint8Array)) {
    throw fail(
      'call.failed',
      {},
      {
        detail: 'JSON text that is no bytes',
      },
    )
  }
  if (text.length > maxBytes) throw tooLarge(text.length, maxBytes)
  return Buffer.concat([frameHeader(frameKind.json, text.length), text])
}

export function tooLarge(length: number, maxBytes: number): FlotillaError {
  return fail('link.tooLarge', { length, most: maxBytes })
}

/** The value of a JSON frame. Throws INVALID_ARGUMENT for what is not JSON or nested deeper than `maxDepth`. */
export function parseJson(payload: Buffer, maxDepth: number): unknown {
  if (payload.length > maxDepth) checkDepth(payload, maxDepth)
  try {
    return JSON.parse(payload.toString('utf8')) as unknown
  } catch (cause) {
    throw fail('link.notJson', {}, { cause })
  }
}

const quote = 0x22
const backslash = 0x5c

/** Counts brackets outside strings, so that nothing recursive ever sees a value that is too deep. */
function checkDepth(payload: Buffer, maxDepth: number): void {
  let depth = 0
  let inString = false
  for (let at = 0; at < payload.length; at++) {
    const byte = payload[at]
    if (inString) {
      if (byte === backslash) at++
      else if (byte === quote) inString = false
    } else if (byte === quote) inString = true
    else if (byte === 0x7b || byte === 0x5b) {
      if (++depth > maxDepth) {
        throw fail('link.tooDeep', { most: maxDepth })
      }
    } else if (byte === 0x7d || byte === 0x5d) depth--
  }
}
