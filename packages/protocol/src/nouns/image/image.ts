import { z } from 'zod'
import { secret } from '../../secret.ts'
import { text } from '../../text.ts'
import { Version } from '../../version.ts'

/** An id, a unique prefix of one, a reference or a digest reference. */
export const ImageRef = z.string().min(1).max(1000)

export const Image = z.object({
  /** The config's digest, `sha256:…`. */
  id: z.string(),
  engine: z.string(),
  /** Normalised as Docker does: `docker.io/library/nginx:latest`. */
  references: z.array(z.string()),
  digests: z.array(z.string()),
  createdAt: z.iso.datetime().nullable(),
  /** Unpacked. */
  sizeBytes: z.number().nonnegative(),
  architecture: z.string(),
  os: z.string(),
  layers: z.number().int().nonnegative(),
  /** Containers that use it, by id. */
  usedBy: z.array(z.string()),
})
export type Image = z.infer<typeof Image>

export const ImageDetail = z.object({
  image: Image,
  command: z.array(z.string()),
  entrypoint: z.array(z.string()),
  env: z.array(z.string()),
  user: z.string(),
  workingDir: z.string(),
  /** As the image has them: `80/tcp`, and ranges such as `8000-8010/tcp`; `exposedPorts` reads them. */
  exposedPorts: z.array(z.string()),
  labels: z.record(z.string(), z.string()),
  stopSignal: z.string().nullable(),
  layers: z.array(
    z.object({
      digest: z.string().nullable(),
      diffId: z.string(),
      sizeBytes: z.number().nullable(),
      createdBy: z.string().nullable(),
    }),
  ),
  /** The engine's own document: the image config, or Docker's inspect answer. */
  native: z.record(z.string(), z.unknown()),
})
export type ImageDetail = z.infer<typeof ImageDetail>

export const PullInput = z.object({
  reference: text(1000).min(1),
  platform: z
    .string()
    .regex(/^[a-z0-9]+\/[a-z0-9_]+(\/[a-z0-9]+)?$/)
    .optional(),
  /** Used for this pull and kept nowhere. */
  credentials: z.object({ username: z.string().max(500), password: secret(z.string().max(8000)) }).optional(),
})
export type PullInput = z.infer<typeof PullInput>

export const ImageRemoval = z.object({
  /** References that no longer name it. */
  untagged: z.array(z.string()),
  /** The image's id where its last reference went. */
  deleted: z.string().nullable(),
  freedBytes: z.number().nonnegative(),
  version: Version.optional(),
})
export type ImageRemoval = z.infer<typeof ImageRemoval>
