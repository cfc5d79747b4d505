/**
 * Fewest digits of an id by which a change finds an object, for the platform's ids and for an engine's: names of so many and more
 * are refused, so that no name that has gone begins another's id. See docs/adr/0016-a-noun-is-a-value.md.
 */
export const leastDigits = 12

/** An id without the name of its hash. */
export function bareId(id: string): string {
  return id.startsWith('sha256:') ? id.slice(7) : id
}

/**
 * Whether an object may be meant by this beginning of its id, with or without `sha256:`. `least`: so many digits of it at least,
 * which only what changes nothing may set lower. The name of the hash alone means nothing.
 */
export function beginsId(id: string, ref: string, least = leastDigits): boolean {
  const bare = bareId(ref)
  return bare.length >= Math.max(1, least) && /^[0-9a-f]+$/.test(bare) && bareId(id).startsWith(bare)
}

/** Digits of a beginning of an id that find an object for a method: any number where it changes nothing. */
export function leastDigitsFor({ change }: { readonly change?: boolean | undefined }): number {
  return change === true ? leastDigits : 1
}
