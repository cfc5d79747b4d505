import { z } from 'zod'
import { Digest } from './digest.ts'
import { parseJson } from './parse-json.ts'

const text = z.string().max(128 * 1024)
const texts = z.array(text).max(4096)
/** Docker writes null where it has nothing. */
const optional = <T extends z.ZodType>(schema: T) => schema.nullish().transform((value) => value ?? undefined)

/** A set as Go writes one; what stands at the names is nothing that anybody reads, and may be as deep as somebody likes. */
const names = (most: number) =>
  z.record(
    z.string().max(most),
    z.unknown().transform(() => ({})),
  )

const Run = z.object({
  User: optional(z.string().max(256)),
  ExposedPorts: optional(names(64)),
  Env: optional(texts),
  Entrypoint: optional(texts),
  Cmd: optional(texts),
  Volumes: optional(names(4096)),
  WorkingDir: optional(z.string().max(4096)),
  Labels: optional(z.record(z.string().max(4096), text)),
  StopSignal: optional(z.string().max(64)),
})

const History = z.object({
  created: optional(z.string().max(100)),
  created_by: optional(text),
  empty_layer: optional(z.boolean()),
  comment: optional(text),
})

/** The image config of the OCI image-spec (config.md) and of Docker, as far as it is used; the rest is ignored. */
export const ImageConfig = z.object({
  created: optional(z.string().max(100)),
  architecture: z.string().max(64),
  os: z.string().max(64),
  variant: optional(z.string().max(64)),
  config: optional(Run),
  rootfs: z.object({ type: z.literal('layers'), diff_ids: z.array(Digest).max(127) }),
  history: optional(z.array(History).max(1000)),
})
export type ImageConfig = z.infer<typeof ImageConfig>

/** Throws INVALID_ARGUMENT where the bytes are no image config. */
export function parseImageConfig(data: Uint8Array): ImageConfig {
  return parseJson(data, ImageConfig, 'The image config')
}
