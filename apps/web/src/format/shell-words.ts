const plain = /^[A-Za-z0-9_@%+=:,./-]+$/

/** A word as a POSIX shell reads it back unchanged. */
export function quoteWord(word: string): string {
  if (plain.test(word)) return word
  return `'${word.replaceAll("'", `'\\''`)}'`
}

/** Words as one line that a POSIX shell splits into the same words again. */
export function joinWords(words: readonly string[]): string {
  return words.map(quoteWord).join(' ')
}

export type Words = { ok: true; words: string[] } | { ok: false; problem: 'quote' | 'escape' }

/**
 * Splits a line as a POSIX shell does: single quotes, double quotes, backslashes, a backslash at a line's end.
 * Variables and other expansions are left as they stand, since no shell runs.
 */
export function splitWords(text: string): Words {
  const words: string[] = []
  let word: string | null = null
  let at = 0
  while (at < text.length) {
    const char = text[at] ?? ''
    if (/\s/.test(char)) {
      if (word !== null) words.push(word)
      word = null
      at += 1
    } else if (char === "'") {
      const end = text.indexOf("'", at + 1)
      if (end < 0) return { ok: false, problem: 'quote' }
      word = (word ?? '') + text.slice(at + 1, end)
      at = end + 1
    } else if (char === '"') {
      const quoted = doubleQuoted(text, at + 1)
      if (quoted === null) return { ok: false, problem: 'quote' }
      word = (word ?? '') + quoted.value
      at = quoted.next
    } else if (char === '\\') {
      const next = text[at + 1]
      if (next === undefined) return { ok: false, problem: 'escape' }
      if (next !== '\n') word = (word ?? '') + next
      at += 2
    } else {
      word = (word ?? '') + char
      at += 1
    }
  }
  if (word !== null) words.push(word)
  return { ok: true, words }
}

function doubleQuoted(text: string, from: number): { value: string; next: number } | null {
  let value = ''
  for (let at = from; at < text.length; at += 1) {
    const char = text[at] ?? ''
    if (char === '"') return { value, next: at + 1 }
    if (char !== '\\') {
      value += char
      continue
    }
    const next = text[at + 1] ?? ''
    if (next === '\n') at += 1
    else if ('"\\$`'.includes(next) && next !== '') {
      value += next
      at += 1
    } else value += char
  }
  return null
}
