import { cn } from '@flotilla/ui'
import type { ReactNode } from 'react'

/**
 * What stands above a list: search, filters, how many there are, further tools, and what one does here. On a phone the filters
 * are a line of their own below it where there is no room for them beside the buttons.
 */
export function ListBar(props: {
  search: ReactNode
  filters?: readonly ReactNode[]
  count: ReactNode
  tools?: ReactNode
  action: ReactNode
}) {
  const filters = (props.filters ?? []).filter((filter) => filter !== null)
  const isTight = filters.length > 1 || props.tools !== undefined
  return (
    <div className="flex flex-wrap items-center gap-2 border-b border-line px-4 py-2">
      {props.search}
      {filters.length > 0 ? (
        <div className={cn('flex flex-wrap gap-2', isTight && 'max-sm:order-last max-sm:basis-full')}>{filters}</div>
      ) : null}
      <span className="ml-auto text-xs text-muted tabular-nums max-sm:hidden" role="status">
        {props.count}
      </span>
      {props.tools}
      {props.action}
    </div>
  )
}
