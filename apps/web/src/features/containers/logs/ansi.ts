/** A stretch of text with what its escape sequences ask for. */
export interface Span {
  text: string
  bold: boolean
  dim: boolean
  italic: boolean
  underline: boolean
  /** One of the sixteen colours, or `#rrggbb`; null: the text's own. */
  colour: number | string | null
}

const escape = '\u001b'
// CSI and OSC sequences, then two-byte ones; what is cut off at the end goes too.

const sequences = /\u001b(?:\[[0-9;:?]*[ -/]*[@-~]?|\][^\u0007\u001b]*(?:\u0007|\u001b\\)?|[@-Z\\-_]?)/g

const controls = /[\u0000-\u0008\u000b-\u001a\u001c-\u001f\u007f]/g

/** The text alone. Carriage returns and other control characters are dropped: a line is one row. */
export function plainText(text: string): string {
  const clean = text.includes(escape) ? text.replace(sequences, '') : text
  return clean.replace(controls, '')
}

const steps = [0, 95, 135, 175, 215, 255]

function indexed(index: number): number | string {
  if (index < 16) return index
  if (index >= 232) {
    const grey = 8 + (index - 232) * 10
    return hex(grey, grey, grey)
  }
  const at = index - 16
  return hex(steps[Math.floor(at / 36)] ?? 0, steps[Math.floor(at / 6) % 6] ?? 0, steps[at % 6] ?? 0)
}

function hex(...parts: number[]): string {
  return `#${parts.map((part) => Math.min(255, Math.max(0, part)).toString(16).padStart(2, '0')).join('')}`
}

type Style = Omit<Span, 'text'>
const plainStyle: Style = { bold: false, dim: false, italic: false, underline: false, colour: null }

function apply(style: Style, codes: number[]): Style {
  let next = { ...style }
  for (let at = 0; at < codes.length; at += 1) {
    const code = codes[at] ?? 0
    if (code === 0) next = { ...plainStyle }
    else if (code === 1) next.bold = true
    else if (code === 2) next.dim = true
    else if (code === 3) next.italic = true
    else if (code === 4) next.underline = true
    else if (code === 22) next = { ...next, bold: false, dim: false }
    else if (code === 23) next.italic = false
    else if (code === 24) next.underline = false
    else if (code === 39) next.colour = null
    else if (code >= 30 && code <= 37) next.colour = code - 30
    else if (code >= 90 && code <= 97) next.colour = code - 82
    else if (code === 38 || code === 48) {
      const wide = codes[at + 1] === 2
      if (code === 38)
        next.colour = wide
          ? hex(codes[at + 2] ?? 0, codes[at + 3] ?? 0, codes[at + 4] ?? 0)
          : indexed(codes[at + 2] ?? 0)
      at += wide ? 4 : 2
    }
  }
  return next
}

/** Splits a line at its colour sequences (SGR, ECMA-48 8.3.117); all other sequences are dropped. */
export function ansiSpans(raw: string): Span[] {
  const spans: Span[] = []
  let style = plainStyle
  let last = 0
  const add = (text: string) => {
    const clean = text.replace(controls, '')
    if (clean !== '') spans.push({ text: clean, ...style })
  }
  for (const match of raw.matchAll(sequences)) {
    add(raw.slice(last, match.index))
    last = match.index + match[0].length

    const codes = /^\u001b\[([0-9;:]*)m$/.exec(match[0])?.[1]
    if (codes !== undefined) style = apply(style, codes.split(/[;:]/).map(Number))
  }
  add(raw.slice(last))
  return spans
}
