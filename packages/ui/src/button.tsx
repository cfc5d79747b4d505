import { cva, type VariantProps } from 'class-variance-authority'
import { Slot } from 'radix-ui'
import type { ComponentProps } from 'react'
import { cn } from './cn.ts'

const button = cva(
  'inline-flex shrink-0 items-center justify-center gap-1.5 rounded-md font-medium whitespace-nowrap select-none ' +
    'transition-colors duration-150 focus-visible:outline-2 focus-visible:outline-offset-1 focus-visible:outline-accent ' +
    'disabled:pointer-events-none disabled:opacity-50 aria-disabled:cursor-not-allowed aria-disabled:opacity-50 [&_svg]:size-4 [&_svg]:shrink-0',
  {
    variants: {
      kind: {
        primary: 'bg-fg text-bg hover:bg-fg/85',
        secondary: 'border border-line-strong bg-surface text-fg hover:bg-raised',
        ghost: 'text-muted hover:bg-raised hover:text-fg data-[state=open]:bg-raised data-[state=open]:text-fg',
        danger: 'border border-bad/45 bg-bad/10 text-bad hover:bg-bad/20',
      },
      size: {
        sm: 'h-7 px-2 text-sm max-sm:h-10 max-sm:px-3',
        md: 'h-8 px-3 text-sm max-sm:h-10',
        lg: 'h-9 px-4 text-base max-sm:h-10',
        icon: 'size-8 max-sm:size-10',
        'icon-sm': 'size-7',
      },
    },
    defaultVariants: { kind: 'secondary', size: 'md' },
  },
)

export type ButtonProps = ComponentProps<'button'> &
  VariantProps<typeof button> & {
    asChild?: boolean
    /** What it began goes on: it does nothing more until then, and keeps the focus, which a disabled one would lose. */
    busy?: boolean
  }

/** A button, high enough for a finger on a phone; `asChild` gives its looks to a link. */
export function Button({ className, kind, size, asChild = false, busy = false, type, ...props }: ButtonProps) {
  const classes = cn(button({ kind, size }), className)
  if (asChild) return <Slot.Root className={classes} {...props} />
  return (
    <button
      type={type ?? 'button'}
      className={classes}
      {...props}
      {...(busy ? { 'aria-disabled': true, 'aria-busy': true, onClick: (event) => event.preventDefault() } : {})}
    />
  )
}
