import { everything, type Holder, type Sight } from '../fleet/holder.ts'

/** Marks of hidden objects: their engine's ids. An engine that shortens an id keeps its first twelve digits. */
type Marks = readonly string[]

const shortId = 12

/**
 * What an engine says of one object, its own document too, without the objects of that engine that the reader does not see:
 * where they stand in a list or under their id they are left out, and an id inside of a text is blotted out.
 */
export function withoutHidden<Answer>(
  answer: Answer,
  { holder, engine, sees }: { holder: Holder; engine: string; sees: Sight },
): Answer {
  if (sees === everything) return answer
  const marks = hiddenIds(holder, engine, sees)
  return marks.length === 0 ? answer : (cleaned(answer, marks) as Answer)
}

function hiddenIds(holder: Holder, engine: string, sees: Sight): Marks {
  const marks: string[] = []
  for (const { kind, rows } of holder.tables()) {
    for (const row of rows.values()) {
      if (row.engine === engine && !sees(holder, kind, row)) marks.push(row.value.id)
    }
  }
  return marks
}

function cleaned(value: unknown, marks: Marks): unknown {
  if (typeof value === 'string') return blotted(value, marks)
  if (Array.isArray(value)) return value.filter((item) => !isAbout(item, marks)).map((item) => cleaned(item, marks))
  if (typeof value !== 'object' || value === null) return value
  const members = Object.entries(value).filter(
    ([name, member]) => !names(name, marks) && !isAbout(member, marks, 'object'),
  )
  return Object.fromEntries(members.map(([name, member]) => [name, cleaned(member, marks)]))
}

/** Whether a member of a list, or of an object by name, is one of them: their id, or a record that has it. */
function isAbout(value: unknown, marks: Marks, only?: 'object'): boolean {
  if (typeof value === 'string') return only === undefined && names(value, marks)
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return false
  return Object.values(value).some((member) => typeof member === 'string' && names(member, marks))
}

function names(text: string, marks: Marks): boolean {
  return marks.some((mark) => text === mark || (text.length === shortId && mark.startsWith(text)))
}

function blotted(text: string, marks: Marks): string {
  let clean = text
  for (const mark of marks) clean = clean.replaceAll(mark, '[hidden]')
  return clean
}
