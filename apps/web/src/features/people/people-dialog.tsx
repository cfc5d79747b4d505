'use client'

import { Dialog, Skeleton } from '@flotilla/ui'
import { useQuery } from '@tanstack/react-query'
import { useState } from 'react'
import { useTranslations } from 'use-intl'
import people from '../../../messages/en/people.json'
import signIn from '../../../messages/en/sign-in.json'
import { ErrorNote } from '../../data/error-note.tsx'
import { GuardedButton } from '../../data/guarded-button.tsx'
import { useTrpc } from '../../data/trpc.ts'
import { withTexts } from '../../i18n/with-texts.tsx'
import { ChangeRole, type Person } from './change-role.tsx'

/** Who is here, and what they may. */
export const PeopleDialog = withTexts({ people, signIn }, function PeopleDialog({ onClose }: { onClose: () => void }) {
  const t = useTranslations('people')
  const common = useTranslations('common')
  const [chosen, setChosen] = useState<Person | null>(null)
  return (
    <Dialog
      open
      onOpenChange={onClose}
      title={chosen === null ? t('title') : t('ask', { name: chosen.name })}
      description={t(chosen === null ? 'text' : 'askText')}
      closeLabel={common('close')}
    >
      {chosen === null ? <List onChoose={setChosen} /> : <ChangeRole person={chosen} onEnd={() => setChosen(null)} />}
    </Dialog>
  )
})

function List({ onChoose }: { onChoose: (person: Person) => void }) {
  const t = useTranslations('people')
  const roles = useTranslations('roles')
  const trpc = useTrpc()
  const all = useQuery(trpc.people.list.queryOptions({}))
  if (all.isPending) return <Skeleton className="h-24" />
  if (all.isError) return <ErrorNote title={t('failed')} error={all.error} onRetry={() => void all.refetch()} />
  return (
    <ul className="divide-y divide-line rounded-md border border-line">
      {all.data.map((person) => (
        <li key={person.userId} className="flex items-center justify-between gap-4 py-2 pr-2 pl-3">
          <span className="min-w-0">
            <span className="block truncate text-base">{person.name}</span>
            <span className="block truncate text-xs text-muted">
              {roles(person.role)}, {person.email}
            </span>
          </span>
          <GuardedButton
            permission="people.manage"
            aria-label={t('changeNamed', { name: person.name })}
            onClick={() => onChoose(person)}
          >
            {t('change')}
          </GuardedButton>
        </li>
      ))}
    </ul>
  )
}
