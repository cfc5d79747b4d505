'use client'

import { cn, Panel, Tooltip } from '@flotilla/ui'
import { Check, TriangleAlert } from 'lucide-react'
import { useTranslations } from 'use-intl'
import { capabilities, dangerous } from './capabilities.ts'
import { Term } from './term.tsx'

/** All capabilities there are, the granted lit. */
export function CapabilityGrid({ granted }: { granted: readonly string[] }) {
  const t = useTranslations('container.kernel')
  const held = new Set(granted.map((name) => name.replace(/^CAP_/, '')))
  const risky = [...held].filter((name) => dangerous.has(name)).length
  return (
    <Panel
      className="shrink-0"
      title={<Term text={t('capabilitiesHint')}>{t('capabilities')}</Term>}
      actions={
        <span className="text-xs text-muted">
          {t('grantedOf', { granted: held.size, total: capabilities.length })}
          {risky > 0 ? <span className="ml-2 text-warn">{t('risky', { count: risky })}</span> : null}
        </span>
      }
    >
      <ul className="grid grid-cols-2 gap-1 sm:grid-cols-4 lg:grid-cols-6 2xl:grid-cols-7">
        {capabilities.map((name) => {
          const has = held.has(name)
          const isRisky = has && dangerous.has(name)
          return (
            <li key={name} className="min-w-0">
              <Tooltip text={`${has ? t('granted') : t('notGranted')} ${t(`capabilityHints.${name}`)}`}>
                <button
                  type="button"
                  className={cn(
                    'flex h-7 w-full cursor-help items-center gap-1.5 rounded-sm border px-1.5 text-left font-mono text-xs focus-visible:outline-2 focus-visible:outline-accent',
                    isRisky
                      ? 'border-warn/50 bg-warn/12 text-warn'
                      : has
                        ? 'border-ok/40 bg-ok/10 text-fg'
                        : 'border-transparent bg-raised/40 text-faint',
                  )}
                >
                  {isRisky ? (
                    <TriangleAlert className="size-3 shrink-0" aria-hidden />
                  ) : has ? (
                    <Check className="size-3 shrink-0 text-ok" aria-hidden />
                  ) : (
                    <span className="size-3 shrink-0" />
                  )}
                  <span className="truncate">{name}</span>
                  <span className="sr-only">{has ? t('granted') : t('notGranted')}</span>
                </button>
              </Tooltip>
            </li>
          )
        })}
      </ul>
    </Panel>
  )
}
