import { Eraser, Plus } from 'lucide-react'
import { useTranslations } from 'use-intl'
import { GuardedButton } from '../data/guarded-button.tsx'

interface ListButton {
  /** Whose messages hold the words. */
  noun: 'volumes' | 'networks'
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
