'use client'

import type { FleetContainer } from '@flotilla/protocol'
import { Button, Dialog, DialogActions } from '@flotilla/ui'
import { useTranslations } from 'use-intl'
import containerDialogs from '../../../messages/en/container-dialogs.json'
import { withTexts } from '../../i18n/with-texts.tsx'
import { ContainerStateWord } from '../../nouns/containers/container-state-word.tsx'
import { type ConfirmedVerb, isUp, verbStates } from './use-container-action.ts'

const listed = 6

/** Says what a stop of many or a removal takes with it before it happens. */
export const ConfirmDialog = withTexts(
  { containerDialogs },
  function ConfirmDialog(props: {
    verb: ConfirmedVerb
    containers: readonly FleetContainer[]
    busy: boolean
    onConfirm: () => void
    onClose: () => void
  }) {
    const t = useTranslations(`containerDialogs.${props.verb}`)
    const common = useTranslations('common')
    const { verb, containers } = props
    const affected = containers.filter(({ state }) => verbStates[verb].has(state))
    const running = affected.filter(isUp)
    const [first] = affected
    const ports = running
      .flatMap((container) => container.ports.map((port) => port.hostPort))
      .filter((port) => port > 0)
    return (
      <Dialog
        open={containers.length > 0}
        onOpenChange={(open) => {
          if (!open) props.onClose()
        }}
        title={t('title', { count: affected.length, name: first?.name ?? '' })}
        description={
          <>
            <p>{t('takes', { count: affected.length, running: running.length })}</p>
            {ports.length > 0 ? (
              <p className="mt-1">
                {t('ports', { count: ports.length })}{' '}
                <span className="font-mono text-xs">{ports.slice(0, listed).join(', ')}</span>
                {ports.length > listed ? ` ${t('more', { count: ports.length - listed })}` : ''}
              </p>
            ) : null}
          </>
        }
        closeLabel={common('close')}
      >
        <ul className="mb-4 divide-y divide-line rounded-md border border-line">
          {affected.slice(0, listed).map((container) => (
            <li key={container.id} className="flex items-center justify-between gap-4 px-3 py-1.5">
              <span className="truncate font-mono text-xs">{container.name}</span>
              <ContainerStateWord container={container} />
            </li>
          ))}
          {affected.length > listed ? (
            <li className="px-3 py-1.5 text-muted">{t('more', { count: affected.length - listed })}</li>
          ) : null}
        </ul>
        <DialogActions>
          <Button onClick={props.onClose}>{common('cancel')}</Button>
          <Button kind="danger" disabled={props.busy} onClick={props.onConfirm} autoFocus>
            {verb === 'remove' && running.length > 0 ? t('stopAndConfirm') : t('confirm')}
          </Button>
        </DialogActions>
      </Dialog>
    )
  },
)
