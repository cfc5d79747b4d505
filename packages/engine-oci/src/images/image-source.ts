import { createReadStream } from 'node:fs'
import { readFile, stat } from 'node:fs/promises'
import { join } from 'node:path'
import {
  checkLayers,
  choosePlatform,
  type Descriptor,
  digestHex,
  digestOf,
  type ImageConfig,
  Index,
  type Manifest,
  maxDocumentBytes,
  parseImageConfig,
  parseJson,
  parseManifest,
  type Platform,
  platformOf,
} from '@flotilla/oci'
import { fail } from '@flotilla/protocol'
import type { RemoteImage } from '@flotilla/registry'

/** Where an image comes from: a registry's repository or a folder. */
export interface ImageSource {
  /** The registry's host; nothing for a folder. */
  host: string
  image: RemoteImage
  blob(descriptor: Descriptor, signal: AbortSignal): AsyncIterable<Uint8Array>
}

/**
 * The image of an OCI layout folder (image-spec, image-layout.md). Its layers are compared with their diff ids when they are
 * unpacked. Throws INVALID_ARGUMENT or NOT_FOUND.
 */
export async function openLayout(dir: string, platform: Platform): Promise<ImageSource> {
  const path = (digest: string) => join(dir, 'blobs', 'sha256', digestHex(digest))
  const read = async ({ digest }: Pick<Descriptor, 'digest'>): Promise<Buffer> => {
    const data = await readDocument(path(digest))
    if (digestOf(data) !== digest) {
      throw fail('image.folderBroken')
    }
    return data
  }
  const index = parseJson(await readDocument(join(dir, 'index.json')), Index, 'The index of the image folder')
  const top = index.manifests.length === 1 ? index.manifests[0] : choosePlatform(index, platform)
  if (top === undefined) throw fail('image.folderEmpty')
  let descriptor: Pick<Descriptor, 'digest' | 'mediaType'> = top
  let bytes = await read(descriptor)
  let parsed = parseManifest(bytes, descriptor.mediaType)
  if (parsed.kind === 'index') {
    descriptor = choosePlatform(parsed.index, platform)
    bytes = await read(descriptor)
    parsed = parseManifest(bytes, descriptor.mediaType)
  }
  if (parsed.kind === 'index') throw fail('image.folderOfIndexes')
  const manifest: Manifest = parsed.manifest
  const configBytes = await read(manifest.config)
  const parsedConfig = parseImageConfig(configBytes)
  checkLayers(manifest, parsedConfig)
  const config: ImageConfig = { ...parsedConfig, ...platformOf(parsedConfig, platform) }
  return {
    host: '',
    image: {
      digest: top.digest,
      manifestDigest: descriptor.digest,
      manifest,
      manifestBytes: bytes,
      config,
      configBytes,
    },
    blob: (layer) => createReadStream(path(layer.digest), { highWaterMark: 256 * 1024 }),
  }
}

async function readDocument(path: string): Promise<Buffer> {
  try {
    const { size } = await stat(path)
    if (size > maxDocumentBytes) throw fail('image.folderDocumentTooLarge')
    return await readFile(path)
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ENOENT') throw error
    throw fail('image.folderLacks', { path }, { cause: error })
  }
}
