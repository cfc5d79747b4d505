'use client'

import type { Reach } from '@flotilla/protocol'
import { Popover, StateWord, type Tone } from '@flotilla/ui'
import { useFormatter, useTranslations } from 'use-intl'
import { useRowTabIndex } from '../../../table/row-stop.ts'
import type { PortRow } from './port-rows.ts'

const tones: Record<Reach['verdict'], Tone> = { yes: 'ok', no: 'idle', onlyFrom: 'warn', unknown: 'unknown' }

/** Whether others reach a port, in a word; why, and the rule that says so, stand behind it. */
export function ReachWord({ row: { reach, askedAt } }: { row: PortRow }) {
  const t = useTranslations('ports.reach')
  const tabIndex = useRowTabIndex()
  if (reach === null) return <span title={t('noAnswerHint')}>{t('noAnswer')}</span>
  if (reach === undefined || reach.length === 0) return null
  const worded = reach.map((each) => ({ ...each, word: wordOf(each, t) }))
  const isSame = worded.every(({ word }) => word === worded[0]?.word)
  const words = isSame ? worded.slice(0, 1) : worded
  return (
    <Popover
      label={words.map(({ family, word }) => (isSame ? word : `${word} ${t(family)}`)).join(', ')}
      tabIndex={tabIndex}
      className="inline-flex max-w-full align-top"
      shown={
        <span className="inline-flex max-w-full items-center gap-2 truncate">
          {words.map(({ family, verdict, word }) => (
            <StateWord key={family} tone={tones[verdict]} className="truncate">
              {word}
              {isSame ? null : <span className="ml-1 text-faint">{t(family)}</span>}
            </StateWord>
          ))}
        </span>
      }
    >
      <Reasons reach={reach} askedAt={askedAt} />
    </Popover>
  )
}

function wordOf({ verdict, from, notFrom }: Reach, t: ReturnType<typeof useTranslations<'ports.reach'>>): string {
  if (verdict !== 'onlyFrom') return t(verdict)
  return from.length > 0 ? t('onlyFrom', { from: from.join(', ') }) : t('allBut', { from: notFrom.join(', ') })
}

function Reasons({ reach, askedAt }: { reach: readonly Reach[]; askedAt: string | null }) {
  const t = useTranslations('ports.reach')
  const format = useFormatter()
  return (
    <span className="grid gap-1.5">
      {reach.map((each) => (
        <span key={each.family} className="grid gap-0.5">
          <span>
            {t('family', { family: t(each.family) })} {t(`why.${each.verdict === 'no' ? each.reason : lets(each)}`)}
          </span>
          {each.verdict === 'onlyFrom' ? <span className="break-words">{wordOf(each, t)}</span> : null}
          {each.rule === null ? null : (
            <span className="font-mono break-all">
              {each.rule.table} {each.rule.chain}: {each.rule.text}
            </span>
          )}
        </span>
      ))}
      {askedAt === null ? null : (
        <span className="text-faint">
          {t('asOf', { time: format.dateTime(new Date(askedAt), { timeStyle: 'medium', hourCycle: 'h23' }) })}
        </span>
      )}
    </span>
  )
}

/** Of what is not refused, the reason alone does not say it. */
const lets = ({ verdict, reason }: Reach) => {
  if (verdict === 'yes') return 'reached'
  return verdict === 'onlyFrom' ? 'parted' : reason
}
