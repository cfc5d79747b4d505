import { createReadStream } from 'node:fs'
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { digestHex, Index, parseJson, parseManifest, parseReference } from '@flotilla/oci'
import { openRepository, pushBlob, pushManifest } from '@flotilla/registry'

/** Pushes the image of an OCI layout folder to a registry on loopback, under a reference such as `127.0.0.1:5000/demo/web:1`. */
export async function pushLayout(dir: string, reference: string, signal: AbortSignal): Promise<void> {
  const target = parseReference(reference)
  const path = (digest: string) => join(dir, 'blobs', 'sha256', digestHex(digest))
  const index = parseJson(await readFile(join(dir, 'index.json')), Index, 'The index')
  const [entry] = index.manifests
  if (entry === undefined) throw new Error(`${dir} holds no image.`)
  const bytes = await readFile(path(entry.digest))
  const parsed = parseManifest(bytes, entry.mediaType)
  if (parsed.kind !== 'manifest') throw new Error(`${dir} holds an index of indexes.`)
  const repository = openRepository(target, { push: true })
  try {
    for (const blob of [...parsed.manifest.layers, parsed.manifest.config]) {
      await pushBlob(repository, blob, () => createReadStream(path(blob.digest)), signal)
    }
    await pushManifest(repository, target.tag ?? 'latest', { bytes, mediaType: entry.mediaType }, signal)
  } finally {
    repository.close()
  }
}
