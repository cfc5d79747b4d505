import type { Reason } from '@flotilla/protocol'

/** What stands where the name or id of something was that a reader does not see. */
export const hiddenWord = '[hidden]'

/** An engine that shortens an id keeps its first twelve digits. */
export const shortId = 12

/** A text in which none of these stands as a word of its own: an image's whole reference, or a name. */
export function withoutWords(text: string, words: ReadonlySet<string>): string {
  if (words.size === 0) return text
  const leftOut = (found: string) => withoutWord(found, words)
  return text.replace(/[a-zA-Z0-9][\w.:/@-]*/g, leftOut).replace(/[a-zA-Z0-9][\w.-]*/g, leftOut)
}

function withoutWord(found: string, words: ReadonlySet<string>): string {
  // A name may end with a dot, and so does a sentence.
  const word = words.has(found) ? found : found.replace(/(?<!\.)\.+$/, '')
  return words.has(word) ? `${hiddenWord}${found.slice(word.length)}` : found
}

/** A reason in whose parameters none of these stands as a word of its own. */
export function reasonWithoutWords(reason: Reason, words: ReadonlySet<string>): Reason {
  if (reason.params === undefined) return reason
  const clean = Object.entries(reason.params).map(([name, value]) => [
    name,
    typeof value === 'string' ? withoutWords(value, words) : value,
  ])
  return { ...reason, params: Object.fromEntries(clean) as NonNullable<Reason['params']> }
}
