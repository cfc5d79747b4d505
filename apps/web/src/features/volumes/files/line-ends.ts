/** How a text is written, beside what a person edits of it: a text field has line feeds alone. */
export interface TextForm {
  /** The end of its lines; null where they have different ones. */
  lineEnd: '\n' | '\r\n' | '\r' | null
  /** It begins with a byte order mark. */
  hasMark: boolean
}

const mark = '\ufeff'
const anyEnd = /\r\n|\r|\n/g

/** How a text is written; one without a line end has line feeds. */
export function formOf(text: string): TextForm {
  const ends = new Set(text.match(anyEnd))
  const [first = '\n'] = ends as Set<'\n' | '\r\n' | '\r'>
  return { lineEnd: ends.size > 1 ? null : first, hasMark: text.startsWith(mark) }
}

/** What a text field shows of a text. */
export function editable(text: string): string {
  return (text.startsWith(mark) ? text.slice(mark.length) : text).replace(anyEnd, '\n')
}

/**
 * The text that was edited, written as the file is: `written(editable(text), formOf(text))` is `text`, byte for byte, unless its
 * lines end in different ways, which nobody can edit.
 */
export function written(edited: string, { lineEnd, hasMark }: TextForm): string {
  if (lineEnd === null) throw new Error('A text of different line ends is not edited.')
  return (hasMark ? mark : '') + edited.replace(anyEnd, lineEnd)
}
