import type { Row } from '@tanstack/react-table'
import type { Virtualizer } from '@tanstack/react-virtual'
import { useEffect, useRef, type KeyboardEvent, type RefObject } from 'react'

const steps: Record<string, number> = { j: 1, ArrowDown: 1, k: -1, ArrowUp: -1, PageDown: 15, PageUp: -15 }

/** Moves through a table by keys: the handler of what is pressed in it, and `j` and `k` from anywhere in the page. */
export function useRowKeys<T>(props: {
  scroller: RefObject<HTMLDivElement | null>
  virtual: Virtualizer<HTMLDivElement, Element>
  rows: readonly Row<T>[]
  active: string | null
  onActive: (id: string) => void
  onToggle: (id: string) => void
  onOpen: (row: T) => void
  onPeek: ((row: T) => void) | undefined
  onMenu: ((row: T) => void) | undefined
  /** The rows take the focus as soon as they are there, where nothing else has it. */
  enters: boolean
}): { activeIndex: number; press: (event: KeyboardEvent<HTMLElement>) => void } {
  const { rows, active, scroller } = props
  const activeIndex = rows.findIndex((row) => row.id === active)
  const focusRow = (index: number) => {
    const row = rows[Math.min(rows.length - 1, Math.max(0, index))]
    if (!row) return
    props.onActive(row.id)
    props.virtual.scrollToIndex(row.index)
    const element = () => scroller.current?.querySelector<HTMLElement>(`[data-index="${row.index}"]`)
    // At once where it is drawn: the next key, however soon, is for this row.
    const drawn = element()
    if (drawn) drawn.focus({ preventScroll: true })
    else requestAnimationFrame(() => element()?.focus())
  }
  const press = (event: KeyboardEvent<HTMLElement>) => {
    if (event.ctrlKey || event.metaKey || event.altKey) return
    if (!(event.target instanceof HTMLElement)) return
    const focused = event.target.getAttribute('role') === 'row' ? event.target : null
    // In a row what has the focus may be its checkbox, its link or, after its menu, the menu's button.
    const around = event.target.closest<HTMLElement>('[data-index]')
    if (around === null && !(event.target instanceof HTMLInputElement && event.target.type === 'checkbox')) return
    // The row that has the focus, which may be ahead of what was drawn last.
    const index = around === null ? activeIndex : Number(around.dataset['index'])
    const row = rows[index]?.original
    const move = steps[event.key]
    if (move !== undefined) focusRow(index + move)
    else if (event.key === 'Home') focusRow(0)
    else if (event.key === 'End') focusRow(rows.length - 1)
    else if (event.key === 'x' && active !== null) props.onToggle(active)
    else if (row === undefined || focused === null) return
    else if (event.key === 'Enter') props.onOpen(row)
    else if (event.key === ' ' && props.onPeek) props.onPeek(row)
    else if (event.key === '.' && props.onMenu) props.onMenu(row)
    else return
    event.preventDefault()
  }
  // Where the active row has gone, as after its removal, one goes on from its place.
  const last = useRef(0)
  useEffect(() => {
    if (activeIndex >= 0) last.current = activeIndex
  }, [activeIndex])
  const enter = () => focusRow(activeIndex < 0 ? last.current : activeIndex)
  usePageKeys(enter)
  useEntry(props.enters && rows.length > 0, enter)
  return { activeIndex, press }
}

/** Enters once, when it may. */
function useEntry(may: boolean, enter: () => void): void {
  const latest = useRef(enter)
  useEffect(() => {
    latest.current = enter
  })
  useEffect(() => {
    if (may && document.activeElement === document.body) latest.current()
  }, [may])
}

/** `j` and `k` find their way into the table from anywhere in the page. */
function usePageKeys(enter: () => void): void {
  const current = useRef(enter)
  useEffect(() => {
    current.current = enter
  })
  useEffect(() => {
    const press = (event: globalThis.KeyboardEvent) => {
      if (event.ctrlKey || event.metaKey || event.altKey || event.defaultPrevented) return
      if (event.key !== 'j' && event.key !== 'k') return
      const target = event.target
      if (target !== document.body && !(target instanceof HTMLElement && target.id === 'content')) return
      event.preventDefault()
      current.current()
    }
    window.addEventListener('keydown', press)
    return () => window.removeEventListener('keydown', press)
  }, [])
}
