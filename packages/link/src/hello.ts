import { fail, protocolVersion } from '@flotilla/protocol'
import { z } from 'zod'

/** What each side says of itself before any call. Fields that a side does not know are ignored. */
export const Hello = z.object({
  /** The newest protocol version this side speaks. */
  protocol: z.int().min(1).default(protocolVersion),
  /** The oldest protocol version this side still speaks. */
  oldestProtocol: z.int().min(1).default(1),
  /** The version of the program, for people. */
  version: z.string().max(100),
  /** The host's or instance's name, for people. */
  name: z.string().max(200).default(''),
  limits: z
    .object({
      /** Long streams the side allows at once. */
      longStreams: z.int().min(0).default(1000),
      /** Largest JSON frame the side takes, in bytes. */
      jsonBytes: z
        .int()
        .min(1024)
        .default(4 * 1024 * 1024),
    })
    .prefault({}),
})
export type Hello = z.infer<typeof Hello>
/** A hello as it is written down: what has a default may be left out. */
export type HelloInput = z.input<typeof Hello>

export const helloPath = '/-/hello'
export const cancelPath = '/-/cancel'

type Side = 'agent' | 'control plane'

/**
 * Throws UNSUPPORTED with a sentence that names the side to update, where the two have no protocol version in common.
 */
export function checkVersions(ours: Hello, oursIs: Side, theirs: Hello): void {
  if (ours.protocol >= theirs.oldestProtocol && theirs.protocol >= ours.oldestProtocol) return
  const theirsIs: Side = oursIs === 'agent' ? 'control plane' : 'agent'
  const older = ours.protocol < theirs.protocol ? oursIs : theirsIs
  throw fail('link.versions', {
    ours: oursIs,
    ourVersion: ours.version,
    ourRange: range(ours),
    theirs: theirsIs,
    theirVersion: theirs.version,
    theirRange: range(theirs),
    older,
  })
}

function range(hello: Hello): string {
  return hello.oldestProtocol === hello.protocol
    ? String(hello.protocol)
    : `${hello.oldestProtocol} to ${hello.protocol}`
}
