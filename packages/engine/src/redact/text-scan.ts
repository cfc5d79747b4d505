/** A part of a text, from its first character to before `end`. */
export interface Span {
  readonly start: number
  readonly end: number
}

/** Characters of one name, and what ends a line, a word and a text of shell. Each is searched for from a place that only moves on. */
const wordPattern = /[\w.-]+/g
const space = /\s/
export const nextSpace = /\s/g
export const nextText = /\S/g
export const nextLineEnd = /[\n\r\u2028\u2029]/g

/** All names of a text, each as long as it is. */
export function* wordsOf(text: string): Generator<Span & { word: string }> {
  for (const match of text.matchAll(wordPattern)) {
    yield { start: match.index, end: match.index + match[0].length, word: match[0] }
  }
}

/** Where a pattern (a global one) is found next, or the end of the text. */
export function find(pattern: RegExp, text: string, from: number): number {
  pattern.lastIndex = from
  return pattern.exec(text)?.index ?? text.length
}

export function isSpaceAt(text: string, at: number): boolean {
  return at >= 0 && at < text.length && space.test(text.charAt(at))
}

export function isQuoteAt(text: string, at: number): boolean {
  const character = text[at]
  return character === '"' || character === "'"
}

/** Where what is in quotes ends, after the closing one; undefined where no quote opens there or none closes it. */
export function quotedEnd(text: string, at: number): number | undefined {
  if (!isQuoteAt(text, at)) return undefined
  const closing = text.indexOf(text.charAt(at), at + 1)
  return closing === -1 ? undefined : closing + 1
}

/** Where a bare value ends that goes on until `stop`: a quote before that is of what stands around it, and no part of it. */
export function bareEnd(text: string, start: number, stop: RegExp): number {
  const end = find(stop, text, start)
  return end - 1 > start && isQuoteAt(text, end - 1) ? end - 1 : end
}
