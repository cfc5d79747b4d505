import { ChevronDown, Search } from 'lucide-react'
import type { ComponentProps } from 'react'
import { cn } from './cn.ts'

const box =
  'w-full rounded-md border text-ellipsis border-line-strong bg-field px-2.5 text-sm text-fg placeholder:text-faint ' +
  'transition-colors duration-150 hover:border-faint focus-visible:border-accent focus-visible:outline-2 focus-visible:-outline-offset-1 focus-visible:outline-accent ' +
  'disabled:opacity-50 aria-invalid:border-bad'

/** One line of text. */
export function Input({ className, ...props }: ComponentProps<'input'>) {
  return <input className={cn(box, 'h-8 max-sm:h-10', className)} {...props} />
}

/** The sign at the beginning of a box that something is searched by, which holds both. */
export function SearchSign() {
  return (
    <Search aria-hidden className="pointer-events-none absolute top-1/2 left-2.5 size-4 -translate-y-1/2 text-faint" />
  )
}

/** Several lines of text. */
export function Textarea({ className, ...props }: ComponentProps<'textarea'>) {
  return <textarea className={cn(box, 'min-h-16 py-1.5', className)} {...props} />
}

/** A native select with the page's arrow: it works with every keyboard, reader and phone. `className` is its place's. */
export function Select({ className, children, ...props }: ComponentProps<'select'>) {
  return (
    <span className={cn('relative block', className)}>
      <select className={cn(box, 'h-8 cursor-pointer appearance-none truncate pr-8 max-sm:h-10')} {...props}>
        {children}
      </select>
      <ChevronDown
        aria-hidden
        className="pointer-events-none absolute top-1/2 right-2 size-4 -translate-y-1/2 text-faint"
      />
    </span>
  )
}

/** A checkbox with the page's colours. */
export function Checkbox({
  className,
  indeterminate = false,
  ...props
}: ComponentProps<'input'> & { indeterminate?: boolean }) {
  return (
    <input
      type="checkbox"
      ref={(element) => {
        if (element) element.indeterminate = indeterminate
      }}
      className={cn(
        'relative size-3.5 shrink-0 cursor-pointer appearance-none rounded-[3px] border border-faint bg-field transition-colors duration-150',
        'hover:border-fg checked:border-accent checked:bg-accent indeterminate:border-accent indeterminate:bg-accent',
        'before:absolute before:inset-0 before:bg-bg checked:before:[clip-path:polygon(14%_50%,26%_38%,42%_54%,76%_20%,88%_32%,42%_78%)]',
        'not-checked:not-indeterminate:before:hidden indeterminate:before:[clip-path:inset(42%_18%)]',
        'disabled:cursor-default disabled:opacity-50 focus-visible:outline-2 focus-visible:outline-offset-2 focus-visible:outline-accent forced-colors:appearance-auto',
        className,
      )}
      {...props}
    />
  )
}
