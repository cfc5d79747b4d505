import { isDigest, parseReference, repositoryName, formatReference, type Reference } from '@flotilla/oci'
import { beginsId, fail } from '@flotilla/protocol'
import type { Catalog } from './catalog.ts'

export interface FoundImage {
  id: string
  /** The normalised reference that it was found by; undefined where that was an id. */
  reference: string | undefined
}

/**
 * Finds by full id, then reference, then a unique beginning of an id of twelve digits or more. Throws NOT_FOUND, CONFLICT with
 * the candidates, or INTERNAL where the catalogue cannot be read.
 */
export function findImage(catalog: Catalog, text: string): FoundImage {
  catalog.requireWhole()
  const full = /^[a-f0-9]{64}$/.test(text) ? `sha256:${text}` : text
  if (isDigest(full) && catalog.get(full) !== undefined) return { id: full, reference: undefined }
  const byName = isDigest(full) ? undefined : byReference(catalog, text)
  if (byName !== undefined) return byName
  const fitting = catalog.images().filter(({ id }) => beginsId(id, text))
  const [only] = fitting
  if (only !== undefined && fitting.length === 1) return { id: only.id, reference: undefined }
  if (fitting.length > 1) {
    const ids = fitting.slice(0, 5).map(({ id }) => id.slice('sha256:'.length, 23))
    throw fail('image.ambiguousId', { ref: text, ids: ids.join(', ') })
  }
  parseReferenceOfImage(text)
  throw fail('image.notFound', { ref: text.slice(0, 200) })
}

/** Both the whole name and, where a tag and a digest are given, the digest alone: as Docker looks it up. */
function byReference(catalog: Catalog, text: string): FoundImage | undefined {
  let reference: Reference
  try {
    reference = parseReference(text)
  } catch {
    return undefined // it may be a prefix; if not, the caller says what is wrong with it
  }
  const name =
    reference.digest === undefined ? formatReference(reference) : digestReference(reference, reference.digest)
  const id = catalog.idOf(name)
  return id === undefined ? undefined : { id, reference: name }
}

export function digestReference(reference: Reference, digest: string): string {
  return `${repositoryName(reference)}@${digest}`
}

function parseReferenceOfImage(text: string): void {
  if (!/^(sha256:)?[a-f0-9]{1,64}$/.test(text)) parseReference(text)
}
