'use client'

import { Button, CopyButton } from '@flotilla/ui'
import { X } from 'lucide-react'
import { useTranslations } from 'use-intl'
import { useUrlState } from '../../../navigation/url-state.ts'
import type { LogSession } from './log-session.ts'

/** How the log comes, and how many lines are shown. */
export function LogStatus(props: {
  session: LogSession
  running: boolean
  following: boolean
  shown: number
  filtered: boolean
}) {
  const t = useTranslations('container.logs')
  const { session } = props
  const state =
    session.state === 'lost' || session.state === 'connecting'
      ? t(`states.${session.state}`)
      : session.state === 'ended'
        ? t(props.running ? 'states.stopped' : 'states.over')
        : t(props.following ? 'states.following' : 'states.paused')
  return (
    <>
      <span role="status">{state}</span>
      <span className="ml-auto tabular-nums">
        {props.filtered
          ? t('countOf', { count: props.shown, total: session.store.rows.length })
          : t('count', { count: props.shown })}
      </span>
    </>
  )
}

/** What can be done with the line that is chosen. */
export function SelectedLine(props: {
  time: string
  text: string
  isFiltered: boolean
  onClose: () => void
  onContext: () => void
}) {
  const t = useTranslations('container.logs')
  const common = useTranslations('common')
  const url = useUrlState()
  return (
    <>
      <span className="min-w-0 truncate font-mono">{props.time}</span>
      <span className="ml-auto flex items-center gap-1.5 py-0.5">
        {props.isFiltered ? (
          <Button size="sm" onClick={props.onContext}>
            {t('context')}
          </Button>
        ) : null}
        <CopyButton
          showLabel
          text={props.text}
          label={t('copyLine')}
          copiedLabel={common('copied')}
          failedLabel={common('copyFailed')}
        />
        <CopyButton
          showLabel
          text={`${window.location.origin}${url.href({ line: props.time })}`}
          label={t('copyLink')}
          copiedLabel={common('copied')}
          failedLabel={common('copyFailed')}
        />
        <Button kind="ghost" size="icon-sm" aria-label={common('close')} onClick={props.onClose}>
          <X />
        </Button>
      </span>
    </>
  )
}
