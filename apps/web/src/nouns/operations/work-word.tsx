'use client'

import { StateWord } from '@flotilla/ui'
import { useTranslations } from 'use-intl'
import { useWork } from './use-work.ts'

/** What an operation does to a thing right now, in a word; nothing where none does. */
export function WorkWord({ id }: { id: string }) {
  const t = useTranslations('states')
  const verb = useWork(id)?.split('.')[1]
  const key = `working.${verb ?? ''}` as 'working.remove'
  if (verb === undefined || !t.has(key)) return null
  return (
    <span className="shrink-0 text-xs">
      <StateWord tone="busy">{t(key)}</StateWord>
    </span>
  )
}
