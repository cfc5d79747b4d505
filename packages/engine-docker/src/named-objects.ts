import { type FlotillaError, fail, namedContainers } from '@flotilla/protocol'

type Kinds = (words: string) => FlotillaError | undefined

/**
 * The daemon's sentences that name who uses an object. They become kinds of ours, with those users beside the sentence where the
 * daemon tells their whole ids: whoever asks may not see them. First match wins.
 */
const sentences: readonly Kinds[] = [
  (words) => {
    const [, name, ids = ''] = /remove ([^\s:]+): volume is in use - \[([0-9a-f, ]*)\]/.exec(words) ?? []
    if (name === undefined) return undefined
    const users = ids.match(/[0-9a-f]{64}/g) ?? []
    return fail('volume.inUse', { name, count: users.length }, { objects: namedContainers(users), detail: words })
  },
  (words) => {
    const [, name] = /network (\S+)(?: id \S+)? has active endpoints/.exec(words) ?? []
    return name === undefined ? undefined : fail('network.hasContainers', { name }, { detail: words })
  },
  (words) => {
    const [, name, id] = /name "\/?([^"]+)" is already in use by container "?([0-9a-f]{12,64})/.exec(words) ?? []
    if (name === undefined || id === undefined) return undefined
    return fail('container.nameTaken', { name }, { objects: namedContainers([id]), field: ['name'], detail: words })
  },
  (words) =>
    /image is being used by|is using its referenced image/.test(words)
      ? fail('image.inUse', { count: 1 }, { detail: words })
      : undefined,
  (words) =>
    /cannot join network (?:namespace )?of a non running container/.test(words)
      ? fail('network.ownerStopped', {}, { field: ['network'], detail: words })
      : undefined,
]

/** A refusal of the daemon that names other objects, as an error of ours; undefined for any other sentence. */
export function namingError(words: string): FlotillaError | undefined {
  for (const sentence of sentences) {
    const error = sentence(words)
    if (error !== undefined) return error
  }
  return undefined
}

/**
 * The daemon's words as they are passed on: what it adds in brackets of other objects, and every id, is left out, for it may be
 * one that the caller does not see. Digests of an image stay.
 */
export function withoutNames(words: string): string {
  return words
    .replace(/ ?\((?:name|id|container):[^()]*\)/g, '')
    .replace(/(non running container): .*/, '$1')
    .replace(/(?<!sha256:)\b[0-9a-f]{12,64}\b/g, '…')
    .replace(/\bendpoint \S+/g, 'its endpoint')
}
