'use client'

import { cn, Tooltip } from '@flotilla/ui'
import type { ReactNode } from 'react'

/** A word that explains itself in one sentence on hover and on focus. */
export function Term({ text, children, className }: { text: ReactNode; children: ReactNode; className?: string }) {
  return (
    <Tooltip text={text}>
      <button
        type="button"
        className={cn(
          'cursor-help rounded-sm text-left underline decoration-line-strong decoration-dotted underline-offset-4 hover:decoration-muted focus-visible:outline-2 focus-visible:outline-accent',
          className,
        )}
      >
        {children}
      </button>
    </Tooltip>
  )
}
