'use client'

import { useFormatter, useTranslations } from 'use-intl'
import { isTrouble, type Change } from './changes.ts'

const minutes = 60
const height = 32

/** The last hour as a bar a minute: how much changed, and what of it nobody wished for. */
export function HourChart({ changes, now }: { changes: readonly Change[]; now: number }) {
  const t = useTranslations('overview')
  const format = useFormatter()
  const bins = Array.from({ length: minutes }, () => ({ intended: 0, trouble: 0 }))
  for (const change of changes) {
    const bin = bins[minutes - 1 - Math.floor((now - Date.parse(change.at)) / 60_000)]
    if (!bin) continue
    if (isTrouble(change)) bin.trouble += 1
    else bin.intended += 1
  }
  const most = Math.max(4, ...bins.map((bin) => bin.intended + bin.trouble))
  const scale = (height - 2) / most
  return (
    <figure className="px-4 pt-3 pb-1">
      <svg
        viewBox={`0 0 ${minutes * 4} ${height}`}
        preserveAspectRatio="none"
        role="img"
        aria-label={t('chart', { count: changes.length })}
        className="block h-8 w-full"
      >
        {bins.map((bin, index) => {
          const intended = bin.intended * scale
          const trouble = bin.trouble * scale
          return (
            <g key={index}>
              <rect x={index * 4} y={height - 1} width="3" height="1" className="fill-line-strong" />
              <rect x={index * 4} y={height - intended} width="3" height={intended} className="fill-muted" />
              <rect x={index * 4} y={height - intended - trouble} width="3" height={trouble} className="fill-warn" />
            </g>
          )
        })}
      </svg>
      <figcaption className="mt-1 flex justify-between text-xs text-faint tabular-nums" aria-hidden>
        {[60, 45, 30, 15, 0].map((ago) => (
          <span key={ago}>
            {format.dateTime(now - ago * 60_000, { hour: '2-digit', minute: '2-digit', hourCycle: 'h23' })}
          </span>
        ))}
      </figcaption>
    </figure>
  )
}
