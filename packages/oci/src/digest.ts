import { createHash, type Hash } from 'node:crypto'
import { fail } from '@flotilla/protocol'
import { z } from 'zod'

const pattern = /^sha256:[a-f0-9]{64}$/

/** A content digest as the OCI image-spec writes it. sha256 alone: sha512 is optional there and no registry uses it. */
export const Digest = z.string().regex(pattern, 'must be sha256: and 64 hex digits')
export type Digest = z.infer<typeof Digest>

export function isDigest(text: string): boolean {
  return pattern.test(text)
}

/** The 64 hex digits, safe as a file name. Throws INVALID_ARGUMENT for anything that is no digest. */
export function digestHex(digest: string): string {
  if (!pattern.test(digest)) throw fail('image.badDigest')
  return digest.slice('sha256:'.length)
}

export function digestOf(data: string | Uint8Array): Digest {
  return finishDigest(createHash('sha256').update(data))
}

export function finishDigest(hash: Hash): Digest {
  return `sha256:${hash.digest('hex')}`
}

/**
 * Chain ids of a list of diff ids, lowest layer first: image-spec, config.md, "Layer ChainID".
 * Equal chain ids mean equal stacks of layers.
 */
export function chainIds(diffIds: readonly string[]): Digest[] {
  const chain: Digest[] = []
  for (const diffId of diffIds) {
    const parent = chain.at(-1)
    chain.push(parent === undefined ? diffId : digestOf(`${parent} ${diffId}`))
  }
  return chain
}
