'use client'

import type { FleetVolume } from '@flotilla/protocol'
import { Dialog } from '@flotilla/ui'
import { useTranslations } from 'use-intl'
import dialogs from '../../../messages/en/dialogs.json'
import volumeDialogs from '../../../messages/en/volume-dialogs.json'
import { client } from '../../data/trpc.ts'
import { volumeName } from '../../format/volume-name.ts'
import { withTexts } from '../../i18n/with-texts.tsx'
import { nounOf } from '../../navigation/nouns.ts'
import { RemoveDialog } from '../../noun-pages/remove-dialog.tsx'
import type { Chosen } from '../../noun-pages/use-chosen.ts'
import { CloneForm } from './create/clone-form.tsx'
import { CreateForm } from './create/create-form.tsx'
import { PruneForm } from './create/prune-form.tsx'
import { RenameForm } from './create/rename-form.tsx'

interface Asked {
  onClose: () => void
}

/** What can be asked about volumes; whoever asks has it loaded then. */
export type VolumeQuestion =
  | { about: 'create' | 'prune'; hostId: string }
  | { about: 'rename' | 'clone'; volume: FleetVolume }
  | { about: 'remove'; chosen: Chosen<FleetVolume>; onRemoved: () => void }

/** The dialog of a question about volumes. */
export const VolumeDialog = withTexts(
  { dialogs, volumeDialogs },
  function VolumeDialog(props: Asked & { asks: VolumeQuestion }) {
    const { asks, onClose } = props
    switch (asks.about) {
      case 'create':
      case 'prune':
        return <PlaceDialog about={asks.about} hostId={asks.hostId} onClose={onClose} />
      case 'rename':
      case 'clone':
        return <NameDialog about={asks.about} volume={asks.volume} onClose={onClose} />
      case 'remove':
        return <RemoveVolumes {...asks} onClose={onClose} />
    }
  },
)

function PlaceDialog({ about, hostId, onClose }: Asked & { about: 'create' | 'prune'; hostId: string }) {
  const t = useTranslations('volumeDialogs')
  const common = useTranslations('common')
  const isPrune = about === 'prune'
  return (
    <Dialog
      open
      onOpenChange={onClose}
      title={t(`${about}Dialog.title`)}
      closeLabel={common('close')}
      {...(isPrune ? { description: t('pruneDialog.text'), wide: true } : {})}
    >
      {isPrune ? <PruneForm hostId={hostId} onClose={onClose} /> : <CreateForm hostId={hostId} onClose={onClose} />}
    </Dialog>
  )
}

function NameDialog({ about, volume, onClose }: Asked & { about: 'rename' | 'clone'; volume: FleetVolume }) {
  const t = useTranslations('volumeDialogs')
  const common = useTranslations('common')
  return (
    <Dialog
      open
      onOpenChange={onClose}
      title={t(`${about}Dialog.title`, { name: volumeName(volume) })}
      description={about === 'rename' ? t('renameDialog.text') : t('cloneDialog.text', { host: volume.hostName })}
      closeLabel={common('close')}
    >
      {about === 'rename' ? (
        <RenameForm volume={volume} onClose={onClose} />
      ) : (
        <CloneForm volume={volume} onClose={onClose} />
      )}
    </Dialog>
  )
}

function RemoveVolumes(props: Asked & { chosen: Chosen<FleetVolume>; onRemoved: () => void }) {
  const t = useTranslations('volumeDialogs.removeDialog')
  const nameOf = ([first]: readonly FleetVolume[]) => (first ? volumeName(first) : '')
  return (
    <RemoveDialog
      {...props}
      noun={nounOf('volumes')}
      method="volumes.remove"
      title={(going) => t('title', { count: going.length, name: nameOf(going) })}
      takes={t('takes', { count: props.chosen.rows.length })}
      detail={(volume) => volume.hostName}
      stays={({ containerCount: count }) => (count > 0 ? t('stays', { count }) : null)}
      removeOne={({ id }, operationId) => client.volumes.remove.mutate({ id, operationId })}
      done={(volume) => [t('done', { name: volumeName(volume) })]}
    />
  )
}
