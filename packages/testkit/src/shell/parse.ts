/**
 * The grammar of the fake engine's shell: enough of POSIX sh for tests and for a person's try at a terminal.
 * Lists with ; & newline && ||, `while … do … done`, `if … then … else … fi`, quotes, parameters, $(…), $((…)), redirections.
 */
export type Node =
  | { type: 'list'; items: Node[] }
  | { type: 'and' | 'or'; left: Node; right: Node }
  | { type: 'while'; condition: Node; body: Node }
  | { type: 'if'; condition: Node; then: Node; else: Node | undefined }
  | { type: 'background'; body: Node }
  | { type: 'command'; words: string[]; redirects: Redirect[] }

export interface Redirect {
  operator: '>' | '>>' | '<' | '>&'
  channel: 1 | 2
  target: string
}

/** Thrown where a script is not in the grammar; the message is what a shell would print. */
export class ShellSyntaxError extends Error {}

const operator = /^(&&|\|\||[;&]|\n|[12]?>&|[12]?>>|[12]?>|<)/

/** Words keep their quotes: expansion takes them away later. */
function tokens(source: string): string[] {
  const found: string[] = []
  let rest = source
  while (rest !== '') {
    const blank = /^[ \t]+/.exec(rest)?.[0] ?? /^#[^\n]*/.exec(rest)?.[0]
    if (blank !== undefined) {
      rest = rest.slice(blank.length)
      continue
    }
    const token = operator.exec(rest)?.[0] ?? rest.slice(0, wordLength(rest))
    if (token === '') throw new ShellSyntaxError(`syntax error near "${rest[0]}"`)
    found.push(token)
    rest = rest.slice(token.length)
  }
  return found
}

/** Where the word at the start of the text ends, its quotes and substitutions taken as one. */
export function wordLength(text: string): number {
  let at = 0
  while (at < text.length && !/[\s;&|<>]/.test(text[at] ?? '')) at += pieceLength(text.slice(at))
  return at
}

/** The length of a quoted part, a substitution, an escape or a single character. */
export function pieceLength(text: string): number {
  if (text[0] === '\\') return Math.min(2, text.length)
  if (text[0] === "'") return closing(text, text.indexOf("'", 1), "'") + 1
  if (text[0] === '"') {
    let at = 1
    while (at < text.length && text[at] !== '"') at += text[at] === '\\' ? 2 : Math.max(1, dollarLength(text.slice(at)))
    return closing(text, at < text.length ? at : -1, '"') + 1
  }
  return Math.max(1, dollarLength(text))
}

/** The length of `$(…)`; 0 where the text does not begin with one. */
function dollarLength(text: string): number {
  if (!text.startsWith('$(')) return 0
  let depth = 0
  for (let at = 1; at < text.length; at += 1) {
    if (text[at] === '(') depth += 1
    if (text[at] === ')') depth -= 1
    if (depth === 0) return at + 1
  }
  throw new ShellSyntaxError('syntax error: missing ")"')
}

function closing(_text: string, at: number, quote: string): number {
  if (at < 0) throw new ShellSyntaxError(`syntax error: unterminated ${quote}`)
  return at
}

export function parse(source: string): Node {
  const words = tokens(source)
  let at = 0
  const separator = (token: string | undefined) => token === ';' || token === '\n'
  const skip = () => {
    while (separator(words[at])) at += 1
  }
  const expect = (word: string) => {
    skip()
    if (words[at] !== word) throw new ShellSyntaxError(`syntax error: expected "${word}"`)
    at += 1
  }

  function list(until: readonly string[]): Node {
    const items: Node[] = []
    for (skip(); at < words.length && !until.includes(words[at] ?? ''); skip()) {
      const item = andOr()
      if (words[at] === '&') {
        at += 1
        items.push({ type: 'background', body: item })
        continue
      }
      items.push(item)
      if (at < words.length && !separator(words[at]) && !until.includes(words[at] ?? '')) {
        throw new ShellSyntaxError(`syntax error near "${words[at]}"`)
      }
    }
    return { type: 'list', items }
  }

  function andOr(): Node {
    let left = command()
    while (words[at] === '&&' || words[at] === '||') {
      const type = words[at] === '&&' ? 'and' : 'or'
      at += 1
      skip()
      left = { type, left, right: command() }
    }
    return left
  }

  function command(): Node {
    if (words[at] === 'while') {
      at += 1
      const condition = list(['do'])
      expect('do')
      const body = list(['done'])
      expect('done')
      return { type: 'while', condition, body }
    }
    if (words[at] === 'if') {
      at += 1
      const condition = list(['then'])
      expect('then')
      const then = list(['else', 'fi'])
      const hasElse = words[at] === 'else'
      if (hasElse) at += 1
      const otherwise = hasElse ? list(['fi']) : undefined
      expect('fi')
      return { type: 'if', condition, then, else: otherwise }
    }
    return simple()
  }

  function simple(): Node {
    const found: { type: 'command'; words: string[]; redirects: Redirect[] } = {
      type: 'command',
      words: [],
      redirects: [],
    }
    for (; at < words.length; at += 1) {
      const word = words[at] ?? ''
      if (separator(word) || word === '&' || word === '&&' || word === '||') break
      if (/^[12]?(>&|>>|>)$|^<$/.test(word)) {
        const target = words[at + 1]
        if (target === undefined) throw new ShellSyntaxError('syntax error: redirection without a target')
        const kind = word.replace(/^[12]/, '') as Redirect['operator']
        found.redirects.push({ operator: kind, channel: word.startsWith('2') ? 2 : 1, target })
        at += 1
      } else found.words.push(word)
    }
    if (found.words.length === 0 && found.redirects.length === 0) throw new ShellSyntaxError('syntax error')
    return found
  }

  return list([])
}
