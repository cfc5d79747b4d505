import type { ReactNode } from 'react'
import { cn } from './cn.ts'

/** Tabs that live in the URL: links, one of them the page that is shown. `render` makes the link. */
export function TabLinks<Name extends string>(props: {
  label: string
  tabs: readonly { name: Name; title: ReactNode }[]
  current: Name
  render: (
    tab: { name: Name; title: ReactNode },
    attributes: { className: string; 'aria-current': 'page' | undefined },
  ) => ReactNode
}) {
  return (
    <nav aria-label={props.label} className="flex shrink-0 gap-1 overflow-x-auto border-b border-line px-2">
      {props.tabs.map((tab) =>
        props.render(tab, {
          'aria-current': tab.name === props.current ? 'page' : undefined,
          className: cn(
            '-mb-px flex h-10 items-center border-b-2 px-2 text-sm whitespace-nowrap transition-colors duration-150 focus-visible:outline-2 focus-visible:-outline-offset-2 focus-visible:outline-accent',
            tab.name === props.current
              ? 'border-accent font-medium text-fg'
              : 'border-transparent text-muted hover:text-fg',
          ),
        }),
      )}
    </nav>
  )
}

/** A few exclusive choices side by side. */
export function Segmented<Value extends string>(props: {
  label: string
  value: Value
  options: readonly { value: Value; label: ReactNode }[]
  onChange: (value: Value) => void
  className?: string
}) {
  return (
    <div
      role="group"
      aria-label={props.label}
      className={cn(
        'inline-flex h-8 shrink-0 items-stretch max-sm:h-10 rounded-md border border-line-strong bg-surface p-0.5',
        props.className,
      )}
    >
      {props.options.map((option) => (
        <button
          key={option.value}
          type="button"
          aria-pressed={option.value === props.value}
          onClick={() => props.onChange(option.value)}
          className={cn(
            'rounded-sm px-2 text-xs whitespace-nowrap transition-colors duration-150 focus-visible:outline-2 focus-visible:outline-accent',
            option.value === props.value ? 'bg-raised font-medium text-fg' : 'text-muted hover:text-fg',
          )}
        >
          {option.label}
        </button>
      ))}
    </div>
  )
}
