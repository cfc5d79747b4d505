'use client'

import { cn, Panel, Skeleton } from '@flotilla/ui'
import { Suspense } from 'react'
import { lazily } from '../../../data/lazily.ts'
import { useTranslations } from 'use-intl'
import type { ChartColour, ChartLine, ChartMark } from './chart.tsx'

const Chart = lazily(() => import('./chart.tsx').then((module) => module.Chart))

interface Props {
  className: string
  title: string
  /** The reading under the cursor, else the last one; null: the kernel does not say yet. */
  value: string | null
  /** Its limit or its counterpart. */
  of: string | null
  note: string | null
  /** Why there is no chart. */
  absent?: string | null
  isBad?: boolean
  isBytes?: boolean
  lines: readonly ChartLine[]
  marks?: readonly ChartMark[]
  times: readonly number[]
  span: number
  atLeast: number
  format: (value: number) => string
  onCursor: (index: number | null) => void
}

const swatches: Record<ChartColour, string> = {
  accent: 'bg-accent',
  ok: 'bg-ok',
  warn: 'bg-warn',
  bad: 'bg-bad',
  busy: 'bg-busy',
  unknown: 'bg-unknown',
  muted: 'bg-muted',
}

/** One quantity over time: what it is now in words, its line, and what its colours mean. */
export function UsageChart(props: Props) {
  const t = useTranslations('container.usage')
  const value = props.value ?? t('unknown')
  return (
    <Panel
      className={props.className}
      title={props.title}
      actions={
        props.absent ? null : (
          <p className="text-sm tabular-nums">
            {value}
            {props.of === null ? null : <span className="text-faint"> / {props.of}</span>}
          </p>
        )
      }
      flush
    >
      {props.absent ? (
        <p className="px-3 py-12 text-center text-sm text-muted">{props.absent}</p>
      ) : (
        <>
          <Suspense fallback={<Skeleton className="m-2 h-29" />}>
            <Chart
              label={t('chart', { title: props.title, value })}
              times={props.times}
              lines={props.lines}
              marks={props.marks ?? []}
              span={props.span}
              format={props.format}
              isBytes={props.isBytes ?? false}
              atLeast={props.atLeast}
              group="usage"
              onCursor={props.onCursor}
            />
          </Suspense>
          <div className="flex min-h-7 flex-wrap items-center gap-x-3 gap-y-1 px-3 pb-2 text-xs text-muted">
            {props.lines.map((line) => (
              <span key={line.label} className="flex items-center gap-1.5">
                <span aria-hidden className={cn('h-0.5 w-3', swatches[line.colour], line.dashed && 'opacity-60')} />
                {line.label}
              </span>
            ))}
            {props.note === null ? null : (
              <span className={cn('ml-auto', props.isBad && 'text-bad')}>{props.note}</span>
            )}
          </div>
        </>
      )}
    </Panel>
  )
}
