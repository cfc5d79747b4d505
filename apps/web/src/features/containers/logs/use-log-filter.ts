import { useDeferredValue, useMemo, useState } from 'react'
import type { useUrlState } from '../../../navigation/url-state.ts'
import type { Level } from './log-level.ts'
import { findPattern, type LogView } from './log-view.ts'

export const streams = ['stdout', 'stderr'] as const

export type LogFilter = ConstructorParameters<typeof LogView>[1]

/** What is looked for in a log and what of it is shown: levels and stream in the address, the rest here. */
export function useLogFilter(url: ReturnType<typeof useUrlState>) {
  const [text, setText] = useState('')
  const [isPattern, setPattern] = useState(false)
  const [onlyMatches, setOnlyMatches] = useState(false)
  const wanted = useDeferredValue(text)
  const find = useMemo(() => findPattern(wanted, isPattern), [wanted, isPattern])
  const levelText = url.get('level')
  const streamText = url.get('stream')
  const filter = useMemo(
    () => ({
      levels: new Set(levelText === '' ? [] : (levelText.split(',') as Level[])),
      stream: streams.find((stream) => stream === streamText) ?? ('all' as const),
      find,
      onlyMatches,
    }),
    [levelText, streamText, find, onlyMatches],
  )
  const isFiltered = filter.levels.size > 0 || filter.stream !== 'all' || (onlyMatches && find !== null)
  /** Shows every line again; what is looked for stays marked. */
  const clear = () => {
    setOnlyMatches(false)
    url.set({ level: null, stream: null })
  }
  return {
    filter,
    isFiltered,
    clear,
    field: {
      ...{ text, onText: setText, isPattern, onPattern: setPattern, onlyMatches, onOnlyMatches: setOnlyMatches },
      isInvalid: wanted !== '' && find === null,
    },
  }
}
