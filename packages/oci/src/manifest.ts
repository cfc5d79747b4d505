import { fail } from '@flotilla/protocol'
import { z } from 'zod'
import { Digest } from './digest.ts'
import { layerCompression, mediaTypes } from './media-types.ts'
import { parseJson } from './parse-json.ts'

/** Most layers of one image: what overlayfs and Docker take. */
export const maxLayers = 127

const sizeBytes = z.number().int().nonnegative().max(Number.MAX_SAFE_INTEGER)

/** A pointer to content: image-spec, descriptor.md. */
export const Descriptor = z.object({
  mediaType: z.string().max(255),
  digest: Digest,
  size: sizeBytes,
})
export type Descriptor = z.infer<typeof Descriptor>

const PlatformOf = z.object({
  architecture: z.string().max(64),
  os: z.string().max(64),
  variant: z.string().max(64).nullish(),
})

/** One image: image-spec, manifest.md, and Docker's schema 2. */
export const Manifest = z.object({
  schemaVersion: z.literal(2),
  mediaType: z.string().max(255).optional(),
  config: Descriptor,
  layers: z.array(Descriptor).max(maxLayers),
})
export type Manifest = z.infer<typeof Manifest>

const IndexEntry = Descriptor.extend({
  platform: PlatformOf.nullish(),
  annotations: z.record(z.string().max(4096), z.string().max(65536)).nullish(),
})
export type IndexEntry = z.infer<typeof IndexEntry>

/** Images for several platforms: image-spec, image-index.md, and Docker's manifest list. */
export const Index = z.object({
  schemaVersion: z.literal(2),
  mediaType: z.string().max(255).optional(),
  manifests: z.array(IndexEntry).max(1000),
})
export type Index = z.infer<typeof Index>

export type ManifestOrIndex = { kind: 'manifest'; manifest: Manifest } | { kind: 'index'; index: Index }

/**
 * Reads what a registry answered to a manifest request. What counts is the document's own media type, then the one of the
 * answer; a document with both kinds of fields is refused (CVE-2021-41190).
 * Throws UNSUPPORTED for Docker's schema 1 and for artefacts that are no images, INVALID_ARGUMENT for the rest.
 */
export function parseManifest(data: Uint8Array, contentType: string | undefined): ManifestOrIndex {
  const what = 'The image manifest'
  const shape = parseJson(
    data,
    z.object({
      schemaVersion: z.number(),
      mediaType: z.string().max(255).optional(),
      layers: z.unknown().optional(),
      manifests: z.unknown().optional(),
    }),
    what,
  )
  if (shape.schemaVersion === 1) {
    throw fail('image.schema1')
  }
  if (shape.layers !== undefined && shape.manifests !== undefined) {
    throw fail('image.twoThings', { what })
  }
  const type = shape.mediaType ?? contentType?.split(';')[0]?.trim()
  const isIndex = type === mediaTypes.ociIndex || type === mediaTypes.dockerList
  if (isIndex !== (shape.manifests !== undefined)) {
    throw fail('image.otherThing', { what })
  }
  return isIndex
    ? { kind: 'index', index: parseJson(data, Index, what) }
    : { kind: 'manifest', manifest: checkLayers(parseJson(data, Manifest, what)) }
}

function checkLayers(manifest: Manifest): Manifest {
  const config = manifest.config.mediaType
  if (config !== mediaTypes.ociConfig && config !== mediaTypes.dockerConfig) {
    throw fail('image.notContainer', { type: shown(config) })
  }
  const strange = manifest.layers.find((layer) => layerCompression(layer.mediaType) === undefined)
  if (strange !== undefined) {
    throw fail('image.strangeLayer', { type: shown(strange.mediaType) })
  }
  return manifest
}

function shown(mediaType: string): string {
  return JSON.stringify(mediaType.slice(0, 120))
}
