import { labelLines } from '../format/labels.ts'
import type { ListFilter } from './list-filters.tsx'

const most = 50

/** The filter by a label, of those that the rows in the page have; null where none has one and none is chosen. */
export function labelFilter(
  title: string,
  chosen: string,
  rows: readonly { labels: Readonly<Record<string, string>> }[],
): ListFilter | null {
  const counts = new Map<string, number>()
  for (const line of rows.flatMap((row) => labelLines(row.labels))) counts.set(line, (counts.get(line) ?? 0) + 1)
  if (chosen !== '' && !counts.has(chosen)) counts.set(chosen, 0)
  if (counts.size === 0) return null
  const choices = [...counts]
    .sort(([a, countA], [b, countB]) => countB - countA || a.localeCompare(b))
    .slice(0, most)
    .map(([value, count]) => ({ value, label: value, count }))
  return { name: 'label', title, choices }
}
