'use client'

import { cn } from '@flotilla/ui'
import { useVirtualizer } from '@tanstack/react-virtual'
import { useEffect, useImperativeHandle, useLayoutEffect, useRef, useState, type ReactNode, type Ref } from 'react'
import { LogLineText, LogMark } from './log-line.tsx'
import { LogMinimap } from './log-minimap.tsx'
import type { LogRow } from './log-row.ts'
import type { LogView } from './log-view.ts'

const rowHeight = 20
/** So near to the end counts as being there. */
const endSlack = 6
/** So much upward movement is a person's, not the list's own. */
const upSlack = 4

export interface LogRowsHandle {
  /** Shows a row in the middle. */
  show: (index: number) => void
}

interface Props {
  handle: Ref<LogRowsHandle>
  label: string
  view: LogView
  version: number
  /** Rows that were dropped at the top since the drawing before. */
  droppedRows: number
  following: boolean
  onFollow: (following: boolean) => void
  find: RegExp | null
  current: number | null
  selected: number | null
  onSelect: (number: number) => void
  timestamps: boolean
  wrap: boolean
  /** Stands before the first row. */
  top: ReactNode
}

/** The rows that are on the screen of as many as there are. Follows the end until somebody scrolls up. */
export function LogRows(props: Props) {
  const { view, following, onFollow, wrap } = props
  const scroller = useRef<HTMLDivElement>(null)
  const lastTop = useRef(0)
  const moved = useRef(props.version)
  const [place, setPlace] = useState({ from: 0, to: 1 })
  const virtual = useVirtualizer({
    count: view.count,
    getScrollElement: () => scroller.current,
    estimateSize: () => rowHeight,
    overscan: 20,
    paddingStart: 8,
    paddingEnd: 8,
    getItemKey: (index) => view.at(index)?.number ?? index,
  })
  const total = virtual.getTotalSize()
  const count = view.count

  useLayoutEffect(() => {
    const element = scroller.current
    if (!element) return
    if (following) element.scrollTop = element.scrollHeight
    else if (moved.current !== props.version)
      element.scrollTop = Math.max(0, element.scrollTop - props.droppedRows * rowHeight)
    moved.current = props.version
    lastTop.current = element.scrollTop
  }, [following, total, count, props.droppedRows, props.version])
  useEffect(() => virtual.measure(), [virtual, wrap])
  useImperativeHandle(props.handle, () => ({
    show: (index) => {
      onFollow(false)
      virtual.scrollToIndex(index, { align: 'center' })
    },
  }))

  const scrolled = () => {
    const element = scroller.current
    if (!element) return
    const left = element.scrollHeight - element.scrollTop - element.clientHeight
    if (following && element.scrollTop < lastTop.current - upSlack && left > endSlack) onFollow(false)
    if (!following && left <= endSlack && element.scrollTop > lastTop.current) onFollow(true)
    lastTop.current = element.scrollTop
    const whole = Math.max(1, element.scrollHeight)
    setPlace({ from: element.scrollTop / whole, to: (element.scrollTop + element.clientHeight) / whole })
  }
  /** Whoever marks text wants it to stay where it is. */
  const released = () => {
    const selection = window.getSelection()
    if (following && selection && !selection.isCollapsed && scroller.current?.contains(selection.anchorNode))
      onFollow(false)
  }
  const items = virtual.getVirtualItems()
  return (
    <div className="flex min-h-0 flex-1">
      <div
        ref={scroller}
        role="log"
        aria-label={props.label}
        aria-live="off"
        tabIndex={0}
        onScroll={scrolled}
        onPointerUp={released}
        className="min-h-0 min-w-0 flex-1 overflow-auto bg-field font-mono text-xs leading-5 [overflow-anchor:none] focus-visible:outline-2 focus-visible:-outline-offset-2 focus-visible:outline-accent"
      >
        {props.top}
        <div className="relative w-max min-w-full" style={{ height: total, width: wrap ? '100%' : undefined }}>
          <div
            className={cn('absolute top-0 left-0', wrap ? 'w-full' : 'w-max min-w-full')}
            style={{ transform: `translateY(${items[0]?.start ?? 0}px)` }}
          >
            {items.map((item) => {
              const row = view.at(item.index)
              if (!row) return null
              return (
                <LogRowItem
                  key={item.key}
                  {...props}
                  row={row}
                  index={item.index}
                  measure={wrap ? virtual.measureElement : undefined}
                />
              )
            })}
          </div>
        </div>
      </div>
      <LogMinimap
        view={view}
        version={props.version}
        window={place}
        onGo={(share) => {
          onFollow(false)
          const element = scroller.current
          if (element) element.scrollTop = share * element.scrollHeight - element.clientHeight / 2
        }}
      />
    </div>
  )
}

/** A line of the log, or a mark between lines. */
function LogRowItem(
  props: Pick<Props, 'find' | 'current' | 'selected' | 'onSelect' | 'timestamps' | 'wrap'> & {
    row: LogRow
    index: number
    measure: ((element: HTMLElement | null) => void) | undefined
  },
) {
  const { row } = props
  return (
    <div
      ref={props.measure}
      data-index={props.index}
      onClick={() => {
        if (window.getSelection()?.isCollapsed ?? true) props.onSelect(row.number)
      }}
      className={cn(
        'flex min-h-5 border-l-2 border-transparent pr-4 pl-3.5 hover:bg-raised/60',
        row.kind === 'line' && row.stream === 'stderr' && 'border-warn/50',
        row.kind === 'line' && row.level === 'error' && 'border-bad bg-bad/5',
        (row.number === props.current || row.number === props.selected) && 'bg-accent/15 hover:bg-accent/15',
      )}
    >
      {row.kind === 'line' ? (
        <LogLineText
          row={row}
          find={props.find}
          timestamps={props.timestamps}
          isCurrent={row.number === props.current}
          wrap={props.wrap}
        />
      ) : (
        <LogMark row={row} />
      )}
    </div>
  )
}
