import { fail } from '@flotilla/protocol'
import { z } from 'zod'
import { Digest } from './digest.ts'
import type { ImageConfig } from './image-config.ts'
import { isImageConfigType, mediaTypes, plainMediaType } from './media-types.ts'
import { goObject, parseJson } from './parse-json.ts'

/** Most layers of one image: what overlayfs and Docker take. */
export const maxLayers = 127

const sizeBytes = z.number().int().nonnegative().max(Number.MAX_SAFE_INTEGER)

/** A pointer to content: image-spec, descriptor.md. */
export const Descriptor = goObject({
  /** Empty where it has none. */
  mediaType: z.string().catch(''),
  digest: Digest,
  /** 0 where nobody says it, as some do who rely on the digest. */
  size: sizeBytes.nullish().transform((bytes) => bytes ?? 0),
})
export type Descriptor = z.infer<typeof Descriptor>

/** One image: image-spec, manifest.md, and Docker's schema 2. Go writes a list without entries as null. */
export const Manifest = goObject({
  config: Descriptor,
  layers: z
    .array(Descriptor)
    .max(maxLayers)
    .nullish()
    .transform((layers) => layers ?? []),
})
export type Manifest = z.infer<typeof Manifest>

const PlatformOf = goObject({
  architecture: z.string().catch(''),
  os: z.string().catch(''),
  variant: z.string().optional().catch(undefined),
})

/** One of an index's images. Nothing of it is checked until it is chosen: what another platform gets refuses nobody. */
const IndexEntry = goObject({
  mediaType: z.string().catch(''),
  digest: z.string().catch(''),
  size: sizeBytes.optional().catch(undefined),
  platform: PlatformOf.optional().catch(undefined),
})
export type IndexEntry = z.infer<typeof IndexEntry>

/** Images for several platforms: image-spec, image-index.md, and Docker's manifest list. */
export const Index = goObject({
  manifests: z
    .array(IndexEntry.nullable().catch(null))
    .max(1000)
    .nullish()
    .transform((entries) => (entries ?? []).filter((entry) => entry !== null)),
})
export type Index = z.infer<typeof Index>

export type ManifestOrIndex = { kind: 'manifest'; manifest: Manifest } | { kind: 'index'; index: Index }

const Shape = goObject({
  schemaVersion: z.unknown().optional(),
  mediaType: z.string().optional().catch(undefined),
  config: z.unknown().optional(),
  layers: z.unknown().optional(),
  manifests: z.unknown().optional(),
})

/**
 * Reads what a registry answered to a manifest request. What counts is the document's own media type, then the one of the
 * answer, then the fields it has; a document with both kinds of fields is refused (CVE-2021-41190).
 * Throws UNSUPPORTED for Docker's schema 1 and for artefacts that are no images, INVALID_ARGUMENT for the rest.
 */
export function parseManifest(data: Uint8Array, contentType: string | undefined): ManifestOrIndex {
  const what = 'The image manifest'
  const shape = parseJson(data, Shape, what)
  if (shape.schemaVersion === 1) throw fail('image.schema1')
  const named = kindOf(shape.mediaType) ?? kindOf(contentType)
  const isIndex = isThere(shape.manifests)
  const isManifest = isThere(shape.layers) || isThere(shape.config)
  if (isIndex && isManifest) throw fail('image.twoThings', { what })
  if (named === 'index' ? isManifest : named === 'manifest' && isIndex) throw fail('image.otherThing', { what })
  return (named ?? (isIndex ? 'index' : 'manifest')) === 'index'
    ? { kind: 'index', index: parseJson(data, Index, what) }
    : { kind: 'manifest', manifest: checkTypes(parseJson(data, Manifest, what)) }
}

/** Refuses an image whose config names other layers than its manifest has: which are unpacked where is said by both. */
export function checkLayers(manifest: Manifest, config: ImageConfig): void {
  const [layers, diffIds] = [manifest.layers.length, config.rootfs.diff_ids.length]
  if (layers !== diffIds) throw fail('image.layersDiffer', { layers, diffIds })
}

/** What a media type says that a document is; undefined for one that says nothing, `application/json` say. */
function kindOf(mediaType: string | undefined): ManifestOrIndex['kind'] | undefined {
  switch (plainMediaType(mediaType ?? '')) {
    case mediaTypes.ociIndex:
    case mediaTypes.dockerList:
      return 'index'
    case mediaTypes.ociManifest:
    case mediaTypes.dockerManifest:
      return 'manifest'
    default:
      return undefined
  }
}

function isThere(value: unknown): boolean {
  return value !== undefined && value !== null
}

/** Layers have whatever type their pusher wrote: whether they can be unpacked their bytes tell. */
function checkTypes(manifest: Manifest): Manifest {
  if (!isImageConfigType(manifest.config.mediaType)) {
    throw fail('image.notContainer', { type: shown(manifest.config.mediaType) })
  }
  return manifest
}

function shown(mediaType: string): string {
  return JSON.stringify(mediaType.slice(0, 120))
}
