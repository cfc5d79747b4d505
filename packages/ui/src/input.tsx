import type { ComponentProps } from 'react'
import { cn } from './cn.ts'

const box =
  'w-full rounded-md border border-line-strong bg-field px-2.5 text-sm text-fg placeholder:text-faint ' +
  'transition-colors duration-150 hover:border-faint focus-visible:border-accent focus-visible:outline-2 focus-visible:-outline-offset-1 focus-visible:outline-accent ' +
  'disabled:opacity-50 aria-invalid:border-bad'

/** One line of text. */
export function Input({ className, ...props }: ComponentProps<'input'>) {
  return <input className={cn(box, 'h-8', className)} {...props} />
}

/** Several lines of text. */
export function Textarea({ className, ...props }: ComponentProps<'textarea'>) {
  return <textarea className={cn(box, 'min-h-16 py-1.5', className)} {...props} />
}

/** A native select: it works with every keyboard, reader and phone. */
export function Select({ className, children, ...props }: ComponentProps<'select'>) {
  return (
    <select className={cn(box, 'h-8 cursor-pointer pr-7', className)} {...props}>
      {children}
    </select>
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
        'size-3.5 cursor-pointer rounded-sm accent-accent focus-visible:outline-2 focus-visible:outline-offset-2 focus-visible:outline-accent',
        className,
      )}
      {...props}
    />
  )
}
