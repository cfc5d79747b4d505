import type { Descriptor } from '@flotilla/oci'
import { fail } from '@flotilla/protocol'
import type { Repository } from './repository.ts'

/** Uploads a blob in one piece where the registry does not have it: distribution-spec, "Pushing blobs". `open` may be called again. */
export async function pushBlob(
  repository: Repository,
  descriptor: Descriptor,
  open: () => AsyncIterable<Uint8Array> | Uint8Array,
  signal: AbortSignal,
): Promise<'pushed' | 'there'> {
  const { requester, path } = repository
  const what = `a push to ${path}`
  const blob = `/v2/${path}/blobs/${descriptor.digest}`
  const head = await requester.send({ path: blob, method: 'HEAD', what, accept: [200, 404], signal })
  head.discard()
  if (head.status === 200) return 'there'
  const begun = await requester.send({
    path: `/v2/${path}/blobs/uploads/`,
    method: 'POST',
    headers: { 'content-length': '0' },
    what,
    accept: [202],
    signal,
  })
  begun.discard()
  const { location } = begun.headers
  if (location === undefined || !URL.canParse(location, 'https://registry.invalid')) {
    throw fail('registry.noUploadPlace', { host: requester.host })
  }
  const separator = location.includes('?') ? '&' : '?'
  const done = await requester.send({
    path: `${location}${separator}digest=${encodeURIComponent(descriptor.digest)}`,
    method: 'PUT',
    headers: { 'content-length': String(descriptor.size), 'content-type': 'application/octet-stream' },
    body: open,
    what,
    accept: [201],
    signal,
  })
  done.discard()
  return 'pushed'
}

/** Puts a manifest or index under a tag or digest; its blobs must be there already. */
export async function pushManifest(
  repository: Repository,
  target: string,
  document: { bytes: Uint8Array; mediaType: string },
  signal: AbortSignal,
): Promise<void> {
  const response = await repository.requester.send({
    path: `/v2/${repository.path}/manifests/${target}`,
    method: 'PUT',
    headers: { 'content-type': document.mediaType, 'content-length': String(document.bytes.length) },
    body: () => document.bytes,
    what: `a push to ${repository.path}`,
    accept: [201],
    signal,
  })
  response.discard()
}
