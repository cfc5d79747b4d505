'use client'

import type { FleetContainer } from '@flotilla/protocol'
import { Button, Dialog } from '@flotilla/ui'
import { useTranslations } from 'use-intl'
import { ContainerStateWord } from './container-state-word.tsx'
import { useContainerActions } from './use-container-actions.ts'

const listed = 6

/** Says what goes with a removal before it happens. */
export function RemoveDialog({
  containers,
  onClose,
  onRemoved,
}: {
  containers: readonly FleetContainer[]
  onClose: () => void
  onRemoved?: () => void
}) {
  const t = useTranslations('containers.removeDialog')
  const common = useTranslations('common')
  const { run, busy } = useContainerActions()
  const [first] = containers
  const running = containers.filter((container) => container.state === 'running' || container.state === 'paused').length
  const remove = async () => {
    const whole = await run('remove', containers)
    onClose()
    if (whole) onRemoved?.()
  }
  return (
    <Dialog
      open={containers.length > 0}
      onOpenChange={(open) => {
        if (!open) onClose()
      }}
      title={t('title', { count: containers.length, name: first?.name ?? '' })}
      description={t('takes', { count: containers.length, running })}
      closeLabel={common('close')}
    >
      <ul className="mb-4 divide-y divide-line rounded-md border border-line">
        {containers.slice(0, listed).map((container) => (
          <li key={container.id} className="flex items-center justify-between gap-4 px-3 py-1.5">
            <span className="truncate font-mono">{container.name}</span>
            <ContainerStateWord container={container} />
          </li>
        ))}
        {containers.length > listed ? (
          <li className="px-3 py-1.5 text-muted">{t('more', { count: containers.length - listed })}</li>
        ) : null}
      </ul>
      <div className="flex justify-end gap-2">
        <Button onClick={onClose}>{common('cancel')}</Button>
        <Button kind="danger" disabled={busy} onClick={() => void remove()} autoFocus>
          {running > 0 ? t('stopAndRemove') : t('remove')}
        </Button>
      </div>
    </Dialog>
  )
}
