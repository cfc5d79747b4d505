'use client'

import { Badge, StateDot, type Tone } from '@flotilla/ui'
import Link from 'next/link'
import { useTranslations } from 'use-intl'
import { Ago } from '../../format/values.tsx'
import { addressOf } from '../../navigation/addresses.ts'
import { nouns } from '../../navigation/nouns.ts'
import { shortReference } from '../../format/image-reference.ts'
import { isTrouble, type Change } from './changes.ts'

const tones: Record<string, Tone> = {
  start: 'ok',
  restart: 'ok',
  unpause: 'ok',
  connected: 'ok',
  oom: 'bad',
  away: 'bad',
  pause: 'paused',
}

/** What changed, newest first: what happened to what, where, by whom, when. */
export function ChangeList({ changes, severalHosts }: { changes: readonly Change[]; severalHosts: boolean }) {
  const t = useTranslations('overview')
  const words = useTranslations('operations')
  return (
    <ol>
      {changes.map((change) => {
        const word = `actions.${change.kind}.${change.action}` as 'title'
        return (
          <li
            key={change.key}
            className="flex min-h-9 items-center gap-2.5 border-b border-line/60 px-4 py-1.5 text-sm last:border-b-0"
          >
            <StateDot tone={tones[change.action] ?? (isTrouble(change) ? 'warn' : 'idle')} className="size-2" />
            <span className="flex min-w-0 flex-1 flex-wrap items-center gap-x-2 sm:flex-nowrap">
              <span className="min-w-0 break-words sm:truncate">
                <Subject change={change} />{' '}
                <span className="text-muted">
                  {change.action === 'die' && change.exitCode !== null
                    ? t('ended', { code: change.exitCode })
                    : words.has(word)
                      ? words(word)
                      : change.action}
                  {change.actor === null ? '' : ` ${t('by', { actor: change.actor })}`}
                </span>
              </span>
              {change.count > 1 ? (
                <Badge className="tabular-nums sm:shrink-0">{t('times', { count: change.count })}</Badge>
              ) : null}
            </span>
            {severalHosts && change.objectId !== change.hostId ? (
              <span className="shrink-0 text-xs text-faint max-sm:hidden">{change.hostName}</span>
            ) : null}
            <Ago at={change.at} className="w-16 shrink-0 text-right text-xs text-faint" />
          </li>
        )
      })}
    </ol>
  )
}

function Subject({ change }: { change: Change }) {
  const style = 'font-mono text-xs font-medium'
  const noun = nouns.find(({ kind }) => kind === change.kind)
  const text = change.subject.includes('/') ? shortReference(change.subject) : change.subject
  const href = noun === undefined || change.action === 'destroy' ? null : addressOf(noun, change.objectId)
  if (href === null) return <span className={style}>{text}</span>
  return (
    <Link
      href={href}
      prefetch={false}
      className={`${style} rounded-sm hover:underline focus-visible:outline-2 focus-visible:outline-accent`}
    >
      {text}
    </Link>
  )
}
