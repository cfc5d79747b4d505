import { useMemo, useState } from 'react'
import type { NounRow } from '../navigation/nouns.ts'

/** Which rows of a list are chosen. */
export interface RowSelection {
  selected: ReadonlySet<string>
  onChange: (selected: ReadonlySet<string>) => void
  /** Whatever matches the filters is chosen, loaded or not. */
  isAll: boolean
  onAll: () => void
}

/** Chosen rows, or all that match `filter`: those are chosen until another filter is asked for. */
export function useSelection(rows: readonly NounRow[], filter: unknown): RowSelection {
  const key = JSON.stringify(filter)
  const [chosen, setChosen] = useState<ReadonlySet<string>>(new Set())
  const [allOf, setAllOf] = useState<string | null>(null)
  if (allOf !== null && allOf !== key) setAllOf(null)
  const isAll = allOf === key
  const loaded = useMemo(() => new Set(rows.map(({ id }) => id)), [rows])
  return {
    selected: isAll ? loaded : chosen,
    onChange: (selected) => {
      setAllOf(null)
      setChosen(selected)
    },
    isAll,
    onAll: () => setAllOf(key),
  }
}
