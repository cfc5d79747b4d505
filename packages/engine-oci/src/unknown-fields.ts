import { isDeepStrictEqual } from 'node:util'

/**
 * What records on disk hold beside what this agent knows, as a newer one wrote it. A record that is written again keeps it, so
 * that an older agent in between loses nothing of a newer one.
 */
export class UnknownFields<T> {
  readonly #read = new Map<string, { raw: unknown; parsed: T }>()

  /** Notes a record as it was read and as its schema gives it. */
  note(id: string, raw: unknown, parsed: T): void {
    if (!isDeepStrictEqual(raw, parsed)) this.#read.set(id, { raw, parsed })
  }

  /** The record as it is to be written. */
  merge(id: string, next: T): unknown {
    const read = this.#read.get(id)
    return read === undefined ? next : merged(read.raw, read.parsed, next)
  }

  forget(id: string): void {
    this.#read.delete(id)
  }
}

/** What has not changed is written as it was read; in what has, unknown fields stay beside the known ones. */
function merged(raw: unknown, parsed: unknown, next: unknown): unknown {
  if (isDeepStrictEqual(parsed, next)) return raw
  if (!isObject(raw) || !isObject(parsed) || !isObject(next)) return next
  const unknown = Object.entries(raw).filter(([key]) => !Object.hasOwn(parsed, key))
  const known = Object.entries(next).map(([key, value]) => [
    key,
    Object.hasOwn(raw, key) ? merged(raw[key], parsed[key], value) : value,
  ])
  return Object.fromEntries([...unknown, ...known]) as unknown
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}
