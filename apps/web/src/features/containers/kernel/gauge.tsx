'use client'

import { cn } from '@flotilla/ui'
import type { ReactNode } from 'react'
import { Term } from './term.tsx'

export interface GaugePart {
  /** Share of the whole, 0 to 1. */
  share: number
  className: string
}

interface Props {
  name: string
  explanation: string
  value: ReactNode
  limit: ReactNode
  /** Null: there is no limit to measure against; left out: it is no share of anything. */
  parts?: readonly GaugePart[] | null
  note?: ReactNode
  isHigh?: boolean
}

/** One resource against its limit. */
export function Gauge(props: Props) {
  return (
    <div className="min-w-0">
      <div className="flex items-baseline justify-between gap-3 text-sm">
        <Term text={props.explanation} className="font-medium">
          {props.name}
        </Term>
        <span className="truncate tabular-nums">
          <span className={cn(props.isHigh && 'font-medium text-bad')}>{props.value}</span>
          <span className="text-faint"> / {props.limit}</span>
        </span>
      </div>
      {props.parts === undefined ? null : (
        <svg
          viewBox="0 0 1000 8"
          preserveAspectRatio="none"
          aria-hidden
          className={cn(
            'mt-1.5 block h-2 w-full overflow-hidden rounded-sm',
            props.parts === null ? 'border border-dashed border-line-strong' : 'bg-raised',
          )}
        >
          {placed(props.parts ?? []).map((part, index) => (
            <rect
              key={index}
              x={part.from * 1000}
              width={part.share * 1000}
              height="8"
              fill="currentColor"
              className={part.className}
            />
          ))}
        </svg>
      )}
      {props.note ? <p className="mt-1 text-xs text-muted">{props.note}</p> : null}
    </div>
  )
}

function placed(parts: readonly GaugePart[]): (GaugePart & { from: number })[] {
  let from = 0
  return parts.map((part) => {
    const share = Math.max(0, Math.min(1 - from, part.share))
    const place = { ...part, share, from }
    from += share
    return place
  })
}
