import { toast } from '@flotilla/ui'
import { useEffect, useRef } from 'react'
import { useTranslations } from 'use-intl'
import type { LogSession } from './log-session.ts'

/** Goes to the line that the address names (`line`, its time) once it has come, asking for earlier ones until then. */
export function useLinkedLine(linked: string, session: LogSession, version: number, show: (number: number) => void) {
  const t = useTranslations('container.logs')
  const shownLink = useRef('')
  const { store } = session
  const latest = useRef(show)
  useEffect(() => {
    latest.current = show
  })
  useEffect(() => {
    if (linked === '' || shownLink.current === linked) return
    const first = store.rows.find((each) => each.kind === 'line')
    if (first && first.time > linked && session.hasEarlier) return session.loadEarlier()
    const row = store.rows.find((each) => each.kind === 'line' && each.time === linked)
    if (!row) {
      const last = store.rows.findLast((each) => each.kind === 'line')
      if (session.loadingEarlier || !last || last.time < linked) return // it may still come
      shownLink.current = linked
      return toast('warn', t('linkGone'))
    }
    shownLink.current = linked
    latest.current(row.number)
  }, [linked, session, store, version, t])
}
