'use client'

import type { EngineInfo } from '@flotilla/protocol'
import { cn } from '@flotilla/ui'
import { useTranslations } from 'use-intl'
import { useReasonText } from '../../format/reason-text.ts'

/** What an engine can do: the methods of each noun, the lit ones there, the others with the reason why not. */
export function CapabilityGrid({ engine }: { engine: EngineInfo }) {
  const t = useTranslations('hosts')
  const reasonText = useReasonText()
  const groups = new Map<string, { name: string; title: string; reason: string | null }[]>()
  for (const [title, capability] of Object.entries(engine.capabilities)) {
    const parts = title.split('.')
    const isOption = parts.length > 2
    const group = isOption ? parts.slice(0, 2).join('.') : (parts[0] ?? '')
    const name = parts.slice(isOption ? 2 : 1).join('.')
    const list = groups.get(group) ?? []
    const reason = capability.available ? null : reasonText(capability.reason, capability.reasonFacts)
    list.push({ name, title, reason })
    groups.set(group, list)
  }
  const absent = [...groups.values()].flat().filter((each) => each.reason !== null)
  return (
    <>
      <dl className="space-y-2">
        {[...groups].map(([group, entries]) => (
          <div key={group} className="grid grid-cols-1 gap-x-4 gap-y-1 sm:grid-cols-[9.5rem_minmax(0,1fr)]">
            <dt className="pt-0.5 font-mono text-xs text-muted">{group}</dt>
            <dd>
              <ul className="flex flex-wrap gap-1">
                {entries.map((entry) => (
                  <li
                    key={entry.title}
                    title={entry.reason ?? undefined}
                    className={cn(
                      'rounded-sm border px-1.5 font-mono text-xs leading-5',
                      entry.reason === null
                        ? 'border-line bg-raised text-fg'
                        : 'border-dashed border-line-strong text-faint',
                    )}
                  >
                    {entry.reason === null ? (
                      entry.name
                    ) : (
                      <>
                        <span className="sr-only">{t('absent')} </span>
                        <s>{entry.name}</s>
                      </>
                    )}
                  </li>
                ))}
              </ul>
            </dd>
          </div>
        ))}
      </dl>
      {absent.length > 0 ? (
        <dl className="mt-4 space-y-1 border-t border-line pt-3 text-sm">
          {absent.map((entry) => (
            <div
              key={entry.title}
              className="grid grid-cols-1 gap-x-4 sm:grid-cols-[minmax(9.5rem,auto)_minmax(0,1fr)]"
            >
              <dt className="font-mono text-xs leading-5 text-muted">{entry.title}</dt>
              <dd className="min-w-0 break-words text-muted">{entry.reason}</dd>
            </div>
          ))}
        </dl>
      ) : null}
    </>
  )
}
