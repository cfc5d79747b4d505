import { isSecretName, isSecretOption } from './secret-name.ts'
import {
  bareEnd,
  find,
  isQuoteAt,
  isSpaceAt,
  nextLineEnd,
  nextSpace,
  nextText,
  quotedEnd,
  type Span,
  wordsOf,
} from './text-scan.ts'

/** Finds values that are secrets, in their order and none inside of another. */
export type Scanner = (text: string) => Iterable<Span>

const beforeAssignment = new Set(`,;&?'"/`)
const afterAssignment = /[\s,;&]/g

/** `name=value` inside of a text: options of a mount, words of a command, a query. Its value ends where the next may begin. */
export function* assignedValues(text: string): Generator<Span> {
  let done = 0
  for (const { start, end, word } of wordsOf(text)) {
    const before = start - 1
    const begins =
      start === 0 || (before >= done && (beforeAssignment.has(text.charAt(before)) || isSpaceAt(text, before)))
    if (!begins || text[end] !== '=' || !isSecretName(word)) continue
    const from = end + 1
    const to = quotedEnd(text, from) ?? bareEnd(text, from, afterAssignment)
    if (to === from) continue
    yield { start: from, end: to }
    done = to
  }
}

/** The word after an option with such a name. */
export function* optionValues(text: string): Generator<Span> {
  let done = 0
  for (const { start, end, word } of wordsOf(text)) {
    const begins = start === 0 || (start - 1 >= done && isSpaceAt(text, start - 1))
    if (!begins || !isSpaceAt(text, end) || !isSecretOption(word)) continue
    const from = find(nextText, text, end)
    if (from === text.length || text[from] === '-') continue
    const to = isQuoteAt(text, from) ? quotedEnd(text, from) : bareEnd(text, from, nextSpace)
    if (to === undefined) continue
    yield { start: from, end: to }
    done = to
  }
}

/** A member of a JSON text, whose quotes may be escaped; the value ends on its line. */
export function* memberValues(text: string): Generator<Span> {
  let done = 0
  let lineEnd = -1
  for (const { start, end, word } of wordsOf(text)) {
    const closing = quoteMark(text, end)
    const opens = closing !== '' && start - closing.length >= done && text.startsWith(closing, start - closing.length)
    if (!opens || !isSecretName(word)) continue
    const colon = find(nextText, text, end + closing.length)
    if (text[colon] !== ':') continue
    const at = find(nextText, text, colon + 1)
    const mark = quoteMark(text, at)
    const from = at + mark.length
    const to = mark === '' ? -1 : text.indexOf(mark, from)
    if (lineEnd < from) lineEnd = find(nextLineEnd, text, from)
    if (to === -1 || to > lineEnd) continue
    yield { start: from, end: to }
    done = to + mark.length
  }
}

/** The quote at a place, with the backslash before it. */
function quoteMark(text: string, at: number): string {
  const length = text[at] === '\\' ? 2 : 1
  return isQuoteAt(text, at + length - 1) ? text.slice(at, at + length) : ''
}

/** The end of a header's name that tells; asked of no more characters than it can have. */
const secretHeader = /(?:^|\W)(?:authorization|cookie)$|[\w-]-(?:key|token|auth|secret)$/i
const longestHeader = ' authorization'.length
const headerEnd = /["'\r\n]/g

/** A header of a request, to the end of its line or quotes. */
export function* headerValues(text: string): Generator<Span> {
  let done = 0
  for (let colon = text.indexOf(':'); colon !== -1; colon = text.indexOf(':', Math.max(done, colon + 1))) {
    if (!isSpaceAt(text, colon + 1) || !isSecretHeader(text, colon)) continue
    const from = headerStart(text, colon + 1)
    if (from === undefined) continue
    done = find(headerEnd, text, from)
    yield { start: from, end: done }
  }
}

function isSecretHeader(text: string, colon: number): boolean {
  return secretHeader.test(text.slice(Math.max(0, colon - longestHeader), colon))
}

/** After at least one blank. Where nothing else is on the line, the last blank of it is the value. */
function headerStart(text: string, blanks: number): number | undefined {
  const from = find(nextText, text, blanks)
  if (from < text.length && !isQuoteAt(text, from)) return from
  for (let at = from - 1; at > blanks; at -= 1) {
    if (text[at] !== '\r' && text[at] !== '\n') return at
  }
  return undefined
}

const userEnd = /[\s/:@]/g
const passwordEnd = /[\s/@]/g

/** The password of an address, `scheme://user:password@host`. */
export function* addressPasswords(text: string): Generator<Span> {
  for (let at = text.indexOf('://'); at !== -1; at = text.indexOf('://', at + 1)) {
    const user = find(userEnd, text, at + 3)
    if (text[user] !== ':') continue
    const end = find(passwordEnd, text, user + 1)
    if (text[end] === '@' && end > user + 1) yield { start: user + 1, end }
  }
}

/** What a step of an image's building sets: values with blanks, each to where the next name begins. */
export function* buildValues(text: string): Generator<Span> {
  let open: number | undefined
  for (const { start, end, word } of wordsOf(text)) {
    if (text[end] !== '=' || !isSpaceAt(text, start - 1)) continue
    if (open !== undefined) yield { start: open, end: start - 1 }
    open = isSecretName(word) ? end + 1 : undefined
  }
  if (open !== undefined) yield { start: open, end: text.length }
}
