import { createHash } from 'node:crypto'
import { type Descriptor, finishDigest } from '@flotilla/oci'
import { fail } from '@flotilla/protocol'
import { decoded, encodingsOf } from './content-encoding.ts'
import { lied } from './errors.ts'
import type { FetchResponse } from './fetcher.ts'
import { Pace } from './pace.ts'
import type { Requester } from './requester.ts'

/**
 * A blob's bytes, checked while they stream: the last chunk is followed by an error where size or digest are not as promised. Where
 * no size is, the caller has a bound.
 * A cut stream goes on where it was, by a range or by skipping, as long as it gets on between the cuts. Throws UNAVAILABLE,
 * TIMEOUT, NOT_FOUND and what logins throw.
 */
export async function* readBlob(
  requester: Requester,
  repository: string,
  descriptor: Descriptor,
  signal: AbortSignal,
): AsyncGenerator<Uint8Array> {
  const hash = createHash('sha256')
  const pace = new Pace(requester.stallTimeoutMs)
  const failures = { count: 0 }
  let received = 0
  /** Whether answers come packed for the way: a range would be one of the packed bytes, so none is asked for. */
  let packed = false
  let source: AsyncIterator<Uint8Array> | undefined
  const open = async (): Promise<AsyncIterator<Uint8Array>> => {
    const from = packed ? 0 : received
    const response = await requester.sendOnce({
      path: `/v2/${repository}/blobs/${descriptor.digest}`,
      headers: from === 0 ? {} : { range: `bytes=${from}-` },
      what: `the blob ${descriptor.digest} of ${repository}`,
      accept: from === 0 ? [200] : [200, 206],
      signal,
    })
    const isPart = response.status === 206
    const skip = isPart ? received - rangeStart(response) : received
    packed = encodingsOf(response).length > 0 && !isBlobItself(response, descriptor.size - (received - skip))
    if (Number.isNaN(skip) || skip < 0 || (isPart && packed)) {
      response.discard()
      throw lied(requester.host, 'another part of a layer than was asked for')
    }
    const body = packed ? decoded(response, requester.host) : response.body
    return skipping(body, skip, pace)[Symbol.asyncIterator]()
  }
  const take = async (): Promise<IteratorResult<Uint8Array>> => {
    try {
      source ??= await pace.wait(open)
      const chunk = await pace.wait(source.next.bind(source))
      if (chunk.done === true && received < descriptor.size) throw lied(requester.host, 'less than it promised')
      return chunk
    } catch (error) {
      source = undefined
      // Nothing is missing but its end, and no registry has a part that begins there.
      if (received > 0 && received === descriptor.size && !signal.aborted) return { done: true, value: undefined }
      throw error
    }
  }
  try {
    for (;;) {
      const next = await requester.retrying(signal, take, failures)
      if (next.done === true) break
      if (pace.gained(next.value.length)) failures.count = 0
      if (pace.isTooSlow) throw fail('registry.sendsSlowly', { host: requester.host })
      received += next.value.length
      if (descriptor.size > 0 && received > descriptor.size)
        throw lied(requester.host, `more bytes than it promised for ${descriptor.digest}`)
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

/**
 * Whether an answer that is called packed has the blob's own length: storages call a layer so that is packed itself, and send it as
 * it is.
 */
function isBlobItself({ headers }: FetchResponse, bytes: number): boolean {
  return headers['content-length'] === String(bytes)
}

async function* skipping(body: AsyncIterable<Uint8Array>, bytes: number, pace: Pace): AsyncGenerator<Uint8Array> {
  let left = bytes
  for await (const chunk of body) {
    const skipped = Math.min(left, chunk.length)
    pace.moved(skipped)
    left -= skipped
    if (skipped < chunk.length) yield skipped === 0 ? chunk : chunk.subarray(skipped)
  }
}

function rangeStart(response: FetchResponse): number {
  return Number(/^bytes ([0-9]{1,15})-/.exec(response.headers['content-range'] ?? '')?.[1] ?? Number.NaN)
}
