import { createHash } from 'node:crypto'
import { type Descriptor, finishDigest } from '@flotilla/oci'
import { lied } from './errors.ts'
import type { FetchResponse } from './fetcher.ts'
import type { Requester } from './requester.ts'

/**
 * A blob's bytes, checked while they stream: the last chunk is followed by an error where size or digest are not as promised.
 * A cut stream goes on where it was, by a range or by skipping. Throws UNAVAILABLE, TIMEOUT, NOT_FOUND and what logins throw.
 */
export async function* readBlob(
  requester: Requester,
  repository: string,
  descriptor: Descriptor,
  signal: AbortSignal,
): AsyncGenerator<Uint8Array> {
  const hash = createHash('sha256')
  let received = 0
  let source: AsyncIterator<Uint8Array> | undefined
  const open = async (): Promise<AsyncIterator<Uint8Array>> => {
    const response = await requester.sendOnce({
      path: `/v2/${repository}/blobs/${descriptor.digest}`,
      headers: received === 0 ? {} : { range: `bytes=${received}-` },
      what: `the blob ${descriptor.digest} of ${repository}`,
      accept: received === 0 ? [200] : [200, 206],
      signal,
    })
    const skip = response.status === 206 ? received - rangeStart(response) : received
    if (Number.isNaN(skip) || skip < 0) {
      response.discard()
      throw lied(requester.host, 'another part of a layer than was asked for')
    }
    return skipping(response, skip)[Symbol.asyncIterator]()
  }
  try {
    for (;;) {
      const next = await requester.retrying(signal, async (reset) => {
        try {
          source ??= await open()
          const chunk = await source.next()
          if (chunk.done === true && received < descriptor.size) throw lied(requester.host, 'less than it promised')
          reset()
          return chunk
        } catch (error) {
          source = undefined
          throw error
        }
      })
      if (next.done === true) break
      received += next.value.length
      if (received > descriptor.size) throw lied(requester.host, `more bytes than it promised for ${descriptor.digest}`)
      hash.update(next.value)
      yield next.value
    }
    if (finishDigest(hash) !== descriptor.digest) {
      throw lied(requester.host, `other bytes than it promised for ${descriptor.digest}`)
    }
  } finally {
    await source?.return?.()
  }
}

async function* skipping(response: FetchResponse, bytes: number): AsyncGenerator<Uint8Array> {
  let left = bytes
  for await (const chunk of response.body) {
    if (chunk.length <= left) left -= chunk.length
    else {
      yield left === 0 ? chunk : chunk.subarray(left)
      left = 0
    }
  }
}

function rangeStart(response: FetchResponse): number {
  return Number(/^bytes ([0-9]{1,15})-/.exec(response.headers['content-range'] ?? '')?.[1] ?? Number.NaN)
}
