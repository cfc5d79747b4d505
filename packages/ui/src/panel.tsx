import type { ReactNode } from 'react'
import { cn } from './cn.ts'

/** A titled part of a page. */
export function Panel(props: {
  title: ReactNode
  /** Of what it lists. */
  count?: number | undefined
  actions?: ReactNode
  className?: string
  children: ReactNode
  flush?: boolean
}) {
  return (
    <section className={cn('min-w-0 rounded-md border border-line bg-surface', props.className)}>
      <header
        className={cn(
          'flex min-h-10 items-center justify-between gap-2 border-b border-line px-3',
          props.actions !== undefined && 'max-sm:min-h-12',
        )}
      >
        <h2 className="text-sm font-semibold">
          {props.title}
          {props.count === undefined ? null : (
            <>
              {' '}
              <span className="ml-0.5 font-normal text-muted tabular-nums">{props.count}</span>
            </>
          )}
        </h2>
        {props.actions}
      </header>
      <div className={props.flush ? '' : 'p-3'}>{props.children}</div>
    </section>
  )
}

/** Facts as names and values, one a line. */
export function Facts({
  items,
  className,
}: {
  items: readonly (readonly [ReactNode, ReactNode] | null)[]
  className?: string
}) {
  return (
    <dl className={cn('grid grid-cols-[minmax(6rem,auto)_minmax(0,1fr)] gap-x-4 gap-y-1.5 text-sm', className)}>
      {items.map((item, index) =>
        item === null ? null : (
          <div key={index} className="col-span-2 grid grid-cols-subgrid items-baseline">
            <dt className="text-muted">{item[0]}</dt>
            <dd className="min-w-0 break-words">{item[1]}</dd>
          </div>
        ),
      )}
    </dl>
  )
}
