import { Eraser, Plus } from 'lucide-react'
import { useTranslations } from 'use-intl'
import type { messages } from '../../messages/en/index.ts'
import { GuardedButton } from '../data/guarded-button.tsx'

type Texts = typeof messages
/** The nouns whose texts have the words of both buttons. */
type Begun = {
  [Name in keyof Texts]: Texts[Name] extends { create: string; createShort: string; prune: string } ? Name : never
}[keyof Texts]

interface ListButton {
  /** Whose messages hold the words. */
  noun: Begun
  onClick: () => void
}

/** Begins a new one. */
export function CreateButton({ noun, onClick }: ListButton) {
  const t = useTranslations(noun)
  return (
    <GuardedButton kind="primary" permission={`${noun}.create`} onClick={onClick} aria-label={t('create')}>
      <Plus />
      <span className="sm:hidden">{t('createShort')}</span>
      <span className="max-sm:hidden">{t('create')}</span>
    </GuardedButton>
  )
}

/** Asks what nobody uses; on a phone a picture alone. */
export function PruneButton({ noun, onClick }: ListButton) {
  const t = useTranslations(noun)
  return (
    <GuardedButton permission={`${noun}.remove`} onClick={onClick} aria-label={t('prune')} title={t('prune')}>
      <Eraser />
      <span className="max-sm:hidden">{t('prune')}</span>
    </GuardedButton>
  )
}
