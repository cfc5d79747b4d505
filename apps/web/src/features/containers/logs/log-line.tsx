'use client'

import { cn } from '@flotilla/ui'
import { memo, type ReactNode } from 'react'
import { useFormatter, useTranslations } from 'use-intl'
import { ansiSpans, type Span } from './ansi.ts'
import type { LogLineRow, LogMarkRow } from './log-row.ts'

const levelText = { error: 'text-bad', warn: 'text-warn', info: '', debug: 'text-muted', other: '' } as const
/** The sixteen colours, mapped to those of the page so that they can be read in both themes. */
const ansiColours = [
  'text-faint',
  'text-bad',
  'text-ok',
  'text-warn',
  'text-accent',
  'text-unknown',
  'text-busy',
  'text-fg',
]

interface LineProps {
  row: LogLineRow
  find: RegExp | null
  timestamps: boolean
  isCurrent: boolean
  wrap: boolean
}

/** One line: its time, which stream it came from where that is not the usual one, and its text. */
export const LogLineText = memo(function LogLineText({ row, find, timestamps, isCurrent, wrap }: LineProps) {
  const t = useTranslations('container.logs')
  return (
    <>
      {timestamps ? (
        <time
          dateTime={row.time}
          title={row.time}
          className={cn('mr-3 shrink-0 text-faint select-none tabular-nums', row.isContinued && 'invisible')}
        >
          {clockTime(row.time)}
        </time>
      ) : null}
      <span
        className={cn(
          'mr-2 w-[3ch] shrink-0 select-none',
          row.stream === 'stderr' ? 'font-medium text-warn' : 'max-sm:hidden',
        )}
        title={t(row.stream)}
      >
        {row.stream === 'stderr' ? t('err') : ''}
      </span>
      <span className={cn('min-w-0 flex-1', wrap ? 'break-all whitespace-pre-wrap' : 'whitespace-pre')}>
        {row.raw === undefined ? (
          <span className={levelText[row.level]}>{marked(row.text, find, isCurrent)}</span>
        ) : (
          ansiSpans(row.raw).map((span, index) => (
            <span key={index} className={spanClass(span)} style={colourOf(span)}>
              {marked(span.text, find, isCurrent)}
            </span>
          ))
        )}
      </span>
    </>
  )
})

/** What is missing between two lines, or what happened between them. */
export function LogMark({ row }: { row: LogMarkRow }) {
  const t = useTranslations('container.logs')
  const format = useFormatter()
  const time = (at: string) => format.dateTime(new Date(at), { dateStyle: 'short', timeStyle: 'medium' })
  const span = row.from !== null && row.to !== null ? t('gapTimes', { from: time(row.from), to: time(row.to) }) : ''
  const text = row.kind === 'restart' ? t('restarted') : gapText(row, span)
  function gapText({ lines, diskFullAt }: LogMarkRow, span: string): string {
    if (diskFullAt !== undefined) {
      const at = time(diskFullAt)
      return lines === null ? t('fullUncounted', { span, at }) : t('full', { count: lines, span, at })
    }
    return lines === null ? t('gapUncounted', { span }) : t('gap', { count: lines, span })
  }
  return (
    <span className="flex flex-1 items-center gap-3 font-sans text-xs text-warn">
      <span aria-hidden className="h-px w-6 bg-current opacity-40" />
      {text}
      <span aria-hidden className="h-px flex-1 bg-current opacity-40" />
    </span>
  )
}

/** The time of day with milliseconds, in the reader's zone, from the runtime's nanosecond stamp. */
function clockTime(stamp: string): string {
  const date = new Date(stamp)
  if (Number.isNaN(date.getTime())) return stamp
  const two = (value: number) => String(value).padStart(2, '0')
  const milliseconds = String(date.getMilliseconds()).padStart(3, '0')
  return `${two(date.getHours())}:${two(date.getMinutes())}:${two(date.getSeconds())}.${milliseconds}`
}

function spanClass(span: Span): string {
  return cn(
    typeof span.colour === 'number' && ansiColours[span.colour % 8],
    span.bold && 'font-semibold',
    span.dim && 'opacity-70',
    span.italic && 'italic',
    span.underline && 'underline',
  )
}

function colourOf(span: Span): { color: string } | undefined {
  return typeof span.colour === 'string' ? { color: span.colour } : undefined
}

function marked(text: string, find: RegExp | null, isCurrent: boolean): ReactNode {
  if (find === null) return text
  const all = new RegExp(find.source, 'gi')
  const parts: ReactNode[] = []
  let last = 0
  for (const match of text.matchAll(all)) {
    if (match[0] === '') continue
    parts.push(text.slice(last, match.index))
    parts.push(
      <mark key={match.index} className={cn('rounded-[2px] text-fg', isCurrent ? 'bg-accent/60' : 'bg-accent/30')}>
        {match[0]}
      </mark>,
    )
    last = match.index + match[0].length
  }
  if (last === 0) return text
  parts.push(text.slice(last))
  return parts
}
