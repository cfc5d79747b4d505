export interface JsonToken {
  kind: 'name' | 'string' | 'number' | 'word' | 'mark'
  text: string
}

/** One line of a printed document. */
export interface JsonLine {
  depth: number
  tokens: readonly JsonToken[]
  /** Of a line that opens something: the index of the line that closes it. */
  closes: number | null
  /** What stands in it, said when it is folded. */
  items: number
}

/** Prints a value over lines, as JSON.stringify with two blanks does, with what is needed to colour and fold it. */
export function jsonLines(value: unknown): JsonLine[] {
  const lines: JsonLine[] = []
  print(value, 0, [], '', lines)
  return lines
}

function print(value: unknown, depth: number, before: JsonToken[], after: string, lines: JsonLine[]): void {
  const entries = entriesOf(value)
  if (entries === null || entries.length === 0) {
    const text = entries === null ? '' : Array.isArray(value) ? '[]' : '{}'
    const token = entries === null ? scalar(value) : mark(text)
    lines.push({ depth, tokens: [...before, token, ...end(after)], closes: null, items: 0 })
    return
  }
  const [open, close] = Array.isArray(value) ? ['[', ']'] : ['{', '}']
  const at = lines.length
  lines.push({ depth, tokens: [...before, mark(open)], closes: null, items: entries.length })
  for (const [index, [name, item]] of entries.entries()) {
    const own: JsonToken[] = name === null ? [] : [{ kind: 'name', text: JSON.stringify(name) }, mark(': ')]
    print(item, depth + 1, own, index === entries.length - 1 ? '' : ',', lines)
  }
  lines.push({ depth, tokens: [mark(close), ...end(after)], closes: null, items: 0 })
  lines[at] = { depth, tokens: [...before, mark(open)], closes: lines.length - 1, items: entries.length }
}

function entriesOf(value: unknown): [string | null, unknown][] | null {
  if (Array.isArray(value)) return value.map((item): [null, unknown] => [null, item])
  if (typeof value === 'object' && value !== null) return Object.entries(value).filter(([, item]) => item !== undefined)
  return null
}

function scalar(value: unknown): JsonToken {
  const text = JSON.stringify(value) ?? 'null'
  if (typeof value === 'string') return { kind: 'string', text }
  return { kind: typeof value === 'number' ? 'number' : 'word', text }
}

function mark(text: string): JsonToken {
  return { kind: 'mark', text }
}

function end(after: string): JsonToken[] {
  return after === '' ? [] : [mark(after)]
}

/** The indexes of the lines that are shown when some are folded. */
export function shownLines(lines: readonly JsonLine[], folded: ReadonlySet<number>): number[] {
  const shown: number[] = []
  for (let index = 0; index < lines.length; index += 1) {
    shown.push(index)
    const closes = lines[index]?.closes ?? null
    if (closes !== null && folded.has(index)) index = closes
  }
  return shown
}
