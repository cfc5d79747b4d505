import { formatReference, parseReference, type Reference, repositoryName } from '@flotilla/oci'
import { FlotillaError } from '@flotilla/protocol'

const idPattern = /^(sha256:)?[a-f0-9]{2,64}$/

/** Whether the text may be an image's id or the beginning of one; short ones may be names all the same. */
export function looksLikeId(text: string): boolean {
  return idPattern.test(text)
}

/**
 * The text as it may stand in a request's path: an id, or a name with everything that Docker leaves out. Anything else, which
 * could lead to another route, is INVALID_ARGUMENT.
 */
export function pathOf(text: string): string {
  return looksLikeId(text) ? text : lookupName(parseReference(text))
}

/** Given with a tag, the digest alone is looked up: Docker knows no reference with both. */
export function lookupName(reference: Reference): string {
  return formatReference(reference.digest === undefined ? reference : { ...reference, tag: undefined })
}

/** A reference of Docker's lists, normalised; undefined for `<none>`, and for names that only other tools could give. */
export function normalised(text: string): string | undefined {
  if (text.includes('<none>')) return undefined
  try {
    return lookupName(parseReference(text))
  } catch (error) {
    if (error instanceof FlotillaError) return undefined
    throw error
  }
}

/** What a pull asks for: Docker takes a digest in the tag's place. */
export function pullQuery(reference: Reference, platform: string | undefined): Record<string, string> {
  const tag = reference.digest ?? reference.tag ?? 'latest'
  return { fromImage: repositoryName(reference), tag, ...(platform === undefined ? {} : { platform }) }
}
