/** What values have in common: their types, their fields and those of their items. */
export interface Shape {
  types: Set<string>
  fields: Map<string, { shape: Shape; always: boolean }>
  item: Shape | undefined
}

/** The shape of several values of one kind: a field that one of them lacks is there, but not always. */
export function shapeOf(values: readonly unknown[]): Shape {
  const records = values.filter((value): value is Record<string, unknown> => typeOf(value) === 'object')
  const names = new Set(records.flatMap((record) => Object.keys(record)))
  const items = values.flatMap((value) => (Array.isArray(value) ? (value as unknown[]) : []))
  return {
    types: new Set(values.map(typeOf)),
    fields: new Map(
      [...names].map((name) => {
        const having = records.filter((record) => Object.hasOwn(record, name))
        return [
          name,
          { shape: shapeOf(having.map((record) => record[name])), always: having.length === records.length },
        ]
      }),
    ),
    item: items.length === 0 ? undefined : shapeOf(items),
  }
}

/** Where `now` lacks what was there `then`, or has it in another type. What it has besides is no misfit. */
export function misfits(then: Shape, now: Shape, path: string): string[] {
  const types = [...now.types].filter((type) => !then.types.has(type))
  if (types.length > 0) return [`${path} is ${types.join(', ')}; it was ${[...then.types].join(', ')}`]
  const fields = [...then.fields].flatMap(([name, { shape, always }]) => {
    const found = now.fields.get(name)
    if (found === undefined) return [`${path}.${name} is not there`]
    if (always && !found.always) return [`${path}.${name} is not always there`]
    return misfits(shape, found.shape, `${path}.${name}`)
  })
  if (then.item === undefined) return fields
  return [...fields, ...(now.item === undefined ? [`${path} is empty`] : misfits(then.item, now.item, `${path}[]`))]
}

function typeOf(value: unknown): string {
  if (value === null) return 'null'
  return Array.isArray(value) ? 'array' : typeof value
}
