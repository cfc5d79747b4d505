'use client'

import { cn, CopyButton } from '@flotilla/ui'
import { useFormatter, useTranslations } from 'use-intl'
import { scaleBytes } from './bytes.ts'
import { useNow } from './clock.ts'

const minute = 60_000

/** A number with its unit in a lighter tone. */
function Quantity({ value, unit, className }: { value: string; unit: string; className?: string | undefined }) {
  return (
    <span className={cn('whitespace-nowrap tabular-nums', className)}>
      {value}
      <span data-unit className="ml-0.5 text-faint">
        {unit}
      </span>
    </span>
  )
}

export function Bytes({ bytes, className }: { bytes: number; className?: string }) {
  const format = useFormatter()
  const { value, unit } = scaleBytes(bytes)
  return (
    <Quantity
      value={format.number(value, {
        minimumFractionDigits: unit === 'B' ? 0 : 1,
        maximumFractionDigits: unit === 'B' ? 0 : 1,
      })}
      unit={unit}
      className={className}
    />
  )
}

/** The same as text, for labels and sentences. */
export function useBytes(): (bytes: number) => string {
  const format = useFormatter()
  return (bytes) => {
    const { value, unit } = scaleBytes(bytes)
    return `${format.number(value, { maximumFractionDigits: unit === 'B' ? 0 : 1 })} ${unit}`
  }
}

/** Cores in use: 0.03, 1.50. */
export function Cores({ cores, className }: { cores: number; className?: string }) {
  const format = useFormatter()
  const t = useTranslations('units')
  return (
    <Quantity
      value={format.number(cores, { minimumFractionDigits: 2, maximumFractionDigits: 2 })}
      unit={t('cores')}
      className={className}
    />
  )
}

/** "3 min ago", with the exact time on hover. */
export function Ago({ at, className }: { at: string; className?: string }) {
  const format = useFormatter()
  const t = useTranslations('units')
  const time = Date.parse(at)
  const now = useNow(Math.abs(Date.now() - time) < 2 * minute ? 1000 : minute / 2)
  const ago = Math.max(0, now - time)
  const text =
    ago < 2000
      ? t('justNow')
      : format.relativeTime(time, { now: Math.max(now, time), style: 'narrow', numberingSystem: 'latn' })
  return (
    <time
      dateTime={at}
      title={format.dateTime(time, { dateStyle: 'medium', timeStyle: 'medium', hourCycle: 'h23' })}
      className={cn('whitespace-nowrap tabular-nums', className)}
    >
      {text}
    </time>
  )
}

/** An id, shortened, with a button that copies the whole. */
export function ShortId({ id, length = 12, className }: { id: string; length?: number; className?: string }) {
  const t = useTranslations('common')
  const bare = id.replace(/^sha256:/, '')
  return (
    <span className={cn('inline-flex items-center gap-1 font-mono text-xs', className)}>
      <span title={id}>{bare.slice(0, length)}</span>
      <CopyButton text={id} label={t('copy')} copiedLabel={t('copied')} failedLabel={t('copyFailed')} />
    </span>
  )
}
