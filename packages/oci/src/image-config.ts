import { z } from 'zod'
import { Digest } from './digest.ts'
import { goObject, parseJson } from './parse-json.ts'

/** Docker writes null where it has nothing. */
const optional = <T extends z.ZodType>(schema: T) => schema.nullish().transform((value) => value ?? undefined)

/** What nobody needs to run an image: of another type than this it counts as not there. */
const ifUsable = <T extends z.ZodType>(schema: T) => schema.optional().catch(undefined)

/** A set as Go writes one; what stands at the names is nothing that anybody reads, and may be as deep as somebody likes. */
const names = z.record(
  z.string(),
  z.unknown().transform(() => ({})),
)

/** A command line, of which Docker (its type `strslice.StrSlice`) also takes one word without a list; null among words is an empty one. */
const commandLine = z.preprocess(
  (value) =>
    typeof value === 'string' ? [value] : Array.isArray(value) ? value.map((word: unknown) => word ?? '') : value,
  z.array(z.string()),
)

const withoutNull = z.array(z.string().nullable()).transform((all) => all.filter((one) => one !== null))

/** Labels with the values that are texts; Go reads null as an empty one. */
const labels = z
  .record(z.string(), z.unknown())
  .transform((all) =>
    Object.fromEntries(
      Object.entries(all).flatMap(([name, value]) =>
        typeof value === 'string' || value === null ? [[name, value ?? '']] : [],
      ),
    ),
  )

const Run = goObject({
  User: optional(z.string()),
  ExposedPorts: ifUsable(names),
  Env: optional(withoutNull),
  /** One empty word is none, as Docker has it. */
  Entrypoint: optional(commandLine.transform((words) => (words.length === 1 && words[0] === '' ? [] : words))),
  Cmd: optional(commandLine),
  Volumes: optional(names),
  WorkingDir: optional(z.string()),
  Labels: ifUsable(labels),
  StopSignal: ifUsable(z.string()),
})

const History = goObject({
  created: ifUsable(z.string()),
  created_by: ifUsable(z.string()),
  empty_layer: ifUsable(z.boolean()),
  comment: ifUsable(z.string()),
})

/**
 * The layers' digests when they are unpacked (config.md, "rootfs"). They are compared with what is unpacked, so that their `type`
 * says nothing more: Docker and podman do not read it either.
 */
const RootFs = goObject({
  diff_ids: optional(z.array(Digest).max(127)).transform((ids) => ids ?? []),
})

/**
 * The image config of the OCI image-spec (config.md) and of Docker, as far as it is used; the rest is ignored. What runs the image
 * has to be understood; what only describes it is left out where it is odd. Nothing here is longer than the document may be.
 */
export const ImageConfig = goObject({
  created: ifUsable(z.string()),
  /** Empty where the config does not say. */
  architecture: optional(z.string()).transform((text) => text ?? ''),
  /** Empty where the config does not say. */
  os: optional(z.string()).transform((text) => text ?? ''),
  variant: ifUsable(z.string()),
  config: optional(Run),
  rootfs: optional(RootFs).transform((rootfs) => rootfs ?? { diff_ids: [] }),
  history: ifUsable(z.array(History.catch({}))),
})
export type ImageConfig = z.infer<typeof ImageConfig>

/** Throws INVALID_ARGUMENT where the bytes are no image config. */
export function parseImageConfig(data: Uint8Array): ImageConfig {
  return parseJson(data, ImageConfig, 'The image config')
}
