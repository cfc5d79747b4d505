import type { Row } from './view.ts'

/** Ends what is longer than a row has it, and is the name of what a row leaves out; the object's detail has the whole. */
export const cutMark = '…'

/** Characters of one value. */
const mostOfValue = 500
/** Characters of all together. */
const mostOfAll = 8_000

/** Labels as a row that is too large has them: long ones cut, and in the place of those beyond the bound their number, `…`: `+12`. */
export function cutLabels(labels: Readonly<Record<string, string>>): Record<string, string> {
  const entries = Object.entries(labels).map(([name, value]) => [cutText(name), cutText(value)] as const)
  const fits = atMost(entries, ([name, value]) => name.length + value.length)
  const left = entries.length - fits.length
  return Object.fromEntries(left === 0 ? fits : [...fits, [cutMark, `+${left}`]])
}

/** The words of a command in the same way; `…` stands for those that are left out. */
export function cutWords(words: readonly string[]): string[] {
  const cuts = words.map(cutText)
  const fits = atMost(cuts, ({ length }) => length)
  return fits.length === cuts.length ? fits : [...fits, cutMark]
}

/** Names, each whole, which is what they are found by; `…` stands for those that are left out. */
export function cutNames(names: readonly string[]): string[] {
  const fits = atMost(names, ({ length }) => length)
  return fits.length === names.length ? fits : [...fits, cutMark]
}

export function cutText(text: string): string {
  if (text.length <= mostOfValue) return text
  // Half of a character is none.
  return text.slice(0, mostOfValue).replace(/[\uD800-\uDBFF]$/, '') + cutMark
}

function atMost<Item>(items: readonly Item[], sizeOf: (item: Item) => number): Item[] {
  let size = 0
  const end = items.findIndex((item) => (size += sizeOf(item)) > mostOfAll)
  return end === -1 ? [...items] : items.slice(0, end)
}

/** Characters, as JSON, of a row that is kept where it is only looked at once its object is gone. */
const mostRetained = 4_000

/** A row for a record of what was done: the object is read again, so that of a large one its ids are enough. */
export function retainedRow<R extends Row>(row: R): R | Pick<R, 'id' | 'engine'> {
  if (JSON.stringify(row).length <= mostRetained) return row
  return row.engine === undefined ? { id: row.id } : { id: row.id, engine: row.engine }
}
