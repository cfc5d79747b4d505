import { type Json, isObject, textOf } from './nft-conditions.ts'

/** Named sets and maps, by table and name: what is in them; null where that is not all, or decides in more ways. */
export function readSets(
  items: readonly { [key: string]: Json }[],
  dynamic: ReadonlySet<string>,
): Map<string, readonly Json[] | null> {
  const changed = new Set([...dynamic, ...items.flatMap(changedBy)])
  const sets = new Map<string, readonly Json[] | null>()
  for (const { set, map } of items) {
    for (const each of [set, map]) {
      if (!isObject(each)) continue
      const name = `${tableOf(each)} ${textOf(each['name'])}`
      const elements = Array.isArray(each['elem']) ? each['elem'] : []
      sets.set(name, changed.has(name) || !isPlain(each) ? null : elements)
    }
  }
  return sets
}

export const tableOf = (item: { [key: string]: Json }): string => `${textOf(item['family'])} ${textOf(item['table'])}`

/** A set whose elements do more than count has a limit for each of them. */
const isPlain = ({ stmt }: { [key: string]: Json }): boolean =>
  stmt === undefined ||
  (Array.isArray(stmt) && stmt.every((each) => isObject(each) && Object.keys(each).every((name) => name === 'counter')))

/** The sets that a rule fills or empties. */
function changedBy({ rule }: { [key: string]: Json }): string[] {
  if (!isObject(rule) || !Array.isArray(rule['expr'])) return []
  return rule['expr'].flatMap((statement) => {
    if (!isObject(statement)) return []
    const change = statement['set'] ?? statement['map']
    const name = isObject(change) ? textOf(change['set'] ?? change['map']).replace(/^@/, '') : ''
    return name === '' ? [] : [`${tableOf(rule)} ${name}`]
  })
}
