import { Readable, type Transform } from 'node:stream'
import { pipeline } from 'node:stream/promises'
import { createBrotliDecompress, createGunzip, createInflate } from 'node:zlib'
import { FlotillaError, fail } from '@flotilla/protocol'
import { lied } from './errors.ts'
import type { FetchResponse } from './fetcher.ts'

const decoders: Readonly<Record<string, () => Transform>> = {
  gzip: createGunzip,
  'x-gzip': createGunzip,
  deflate: createInflate,
  br: createBrotliDecompress,
}

/** One over the other, more than any server has a reason for. */
const mostEncodings = 2

/** How a body is packed for its way alone, the outermost last: RFC 9110, section 8.4. Nothing of it was asked for. */
export function encodingsOf({ headers }: Pick<FetchResponse, 'headers'>): string[] {
  const all = (headers['content-encoding'] ?? '').split(',').map((name) => name.trim().toLowerCase())
  return all.filter((name) => name !== '' && name !== 'identity')
}

/**
 * The body of an answer as it was before a server or a proxy packed it, which is what digests are about. The caller bounds it.
 * Throws UNSUPPORTED for an encoding that cannot be read, UNAVAILABLE where the body is not packed so.
 */
export function decoded(response: FetchResponse, host: string): AsyncIterable<Uint8Array> {
  const names = encodingsOf(response)
  const makers = names.flatMap((name) => (Object.hasOwn(decoders, name) ? [decoders[name]] : []))
  if (makers.length < names.length || names.length > mostEncodings) {
    response.discard()
    throw fail('registry.strangeEncoding', { host, encoding: JSON.stringify(names.join(', ').slice(0, 100)) })
  }
  let body = response.body
  for (const make of makers.toReversed()) if (make !== undefined) body = through(make(), body, response, host)
  return body
}

async function* through(
  decoder: Transform,
  source: AsyncIterable<Uint8Array>,
  response: FetchResponse,
  host: string,
): AsyncGenerator<Uint8Array> {
  const packed = pipeline(Readable.from(source), decoder)
  packed.catch(() => {}) // told by the decoder itself, which is read below
  let ended = false
  try {
    for await (const chunk of decoder) yield chunk as Uint8Array
    ended = true
  } catch (error) {
    throw error instanceof FlotillaError ? error : lied(host, 'an answer that is not packed as it says')
  } finally {
    decoder.destroy()
    if (!ended) response.discard() // a source that waits for bytes would only end with them
  }
}
