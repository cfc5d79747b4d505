'use client'

import type { FleetVolume } from '@flotilla/protocol'
import { Copy, FolderOpen, PencilLine, Trash2 } from 'lucide-react'
import { useRouter } from 'next/navigation'
import { useState, type ReactNode } from 'react'
import { useTranslations } from 'use-intl'
import { newOperationId } from '../../data/operation-id.ts'
import { client } from '../../data/trpc.ts'
import { volumeName } from '../../format/volume-name.ts'
import { addressOf } from '../../navigation/addresses.ts'
import { nounOf } from '../../navigation/nouns.ts'
import { RemoveDialog } from '../../noun-pages/remove-dialog.tsx'
import type { Verb } from '../../noun-pages/verb.ts'
import { useCapability } from '../../nouns/hosts/use-capability.ts'
import { CloneVolumeDialog, RenameVolumeDialog } from './volume-dialogs.tsx'

const noun = nounOf('volumes')
type Names = 'files' | 'rename' | 'clone' | 'remove'

/** All that can be done to volumes. What needs a word more asks for it first; `dialog` is where it does. */
export function useVolumeVerbs(onRemoved: () => void): Record<Names, Verb<FleetVolume>> & { dialog: ReactNode } {
  const t = useTranslations('volumes.verbs')
  const router = useRouter()
  const capability = useCapability()
  const [renaming, setRenaming] = useState<FleetVolume | null>(null)
  const [cloning, setCloning] = useState<FleetVolume | null>(null)
  const [removing, setRemoving] = useState<readonly FleetVolume[]>([])
  return {
    files: {
      name: 'files',
      title: t('files'),
      icon: FolderOpen,
      permission: 'volumes.files.read',
      why: (volume) => capability(volume, 'volumeFiles.list'),
      run: ([volume]) => (volume ? router.push(`${addressOf(noun, volume.id)}?tab=files`) : undefined),
    },
    rename: {
      name: 'rename',
      title: t('rename'),
      icon: PencilLine,
      permission: 'volumes.create',
      why: (volume) => capability(volume, 'volumes.rename'),
      run: ([volume]) => setRenaming(volume ?? null),
    },
    clone: {
      name: 'clone',
      title: t('clone'),
      icon: Copy,
      permission: 'volumes.create',
      why: (volume) => capability(volume, 'volumes.clone'),
      run: ([volume]) => setCloning(volume ?? null),
    },
    remove: {
      name: 'remove',
      title: t('remove'),
      icon: Trash2,
      permission: 'volumes.remove',
      isDanger: true,
      isForMany: true,
      why: (volume) => capability(volume, 'volumes.remove'),
      run: setRemoving,
    },
    dialog: (
      <>
        <RenameVolumeDialog volume={renaming} onClose={() => setRenaming(null)} />
        <CloneVolumeDialog volume={cloning} onClose={() => setCloning(null)} />
        <RemoveVolumes volumes={removing} onClose={() => setRemoving([])} onRemoved={onRemoved} />
      </>
    ),
  }
}

function RemoveVolumes(props: { volumes: readonly FleetVolume[]; onClose: () => void; onRemoved: () => void }) {
  const t = useTranslations('volumes.removeDialog')
  const nameOf = ([first]: readonly FleetVolume[]) => (first ? volumeName(first) : '')
  return (
    <RemoveDialog
      noun={noun}
      rows={props.volumes}
      title={(going) => t('title', { count: going.length, name: nameOf(going) })}
      takes={t('takes', { count: props.volumes.length })}
      detail={(volume) => volume.hostName}
      stays={({ containerCount: count }) => (count > 0 ? t('stays', { count }) : null)}
      remove={({ id }) => client.volumes.remove.mutate({ id, operationId: newOperationId() })}
      done={(gone) => t('done', { count: gone.length, name: nameOf(gone) })}
      onClose={props.onClose}
      onRemoved={props.onRemoved}
    />
  )
}
