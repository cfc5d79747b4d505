import { fail } from '@flotilla/protocol'

/** Reads a body into memory. Throws UNAVAILABLE where it is longer than allowed. */
export async function readBounded(body: AsyncIterable<Uint8Array>, maxBytes: number): Promise<Buffer> {
  const parts: Uint8Array[] = []
  let bytes = 0
  for await (const part of body) {
    bytes += part.length
    if (bytes > maxBytes) {
      throw fail('registry.answerTooLarge', { bytes: maxBytes })
    }
    parts.push(part)
  }
  return Buffer.concat(parts)
}
