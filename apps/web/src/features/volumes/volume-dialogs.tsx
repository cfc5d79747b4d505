'use client'

import type { FleetVolume } from '@flotilla/protocol'
import { Dialog, Skeleton } from '@flotilla/ui'
import { lazy, Suspense, type ReactNode } from 'react'
import { useTranslations } from 'use-intl'
import { volumeName } from '../../format/volume-name.ts'

const CreateForm = lazy(() => import('./create/create-form.tsx').then((module) => ({ default: module.CreateForm })))
const RenameForm = lazy(() => import('./create/rename-form.tsx').then((module) => ({ default: module.RenameForm })))
const CloneForm = lazy(() => import('./create/clone-form.tsx').then((module) => ({ default: module.CloneForm })))
const PruneForm = lazy(() => import('./create/prune-form.tsx').then((module) => ({ default: module.PruneForm })))

interface Opening {
  open: boolean
  onOpenChange: (open: boolean) => void
}

/** Makes a volume; what it shows loads when it opens. */
export function CreateVolumeDialog({ hostId, ...opening }: Opening & { hostId: string }) {
  const t = useTranslations('volumes.createDialog')
  return (
    <Later {...opening} title={t('title')}>
      <CreateForm hostId={hostId} onClose={() => opening.onOpenChange(false)} />
    </Later>
  )
}

/** Shows what no container uses and removes exactly that. */
export function PruneVolumesDialog({ hostId, ...opening }: Opening & { hostId: string }) {
  const t = useTranslations('volumes.pruneDialog')
  return (
    <Later {...opening} title={t('title')} description={t('text')} wide>
      <PruneForm hostId={hostId} onClose={() => opening.onOpenChange(false)} />
    </Later>
  )
}

/** Gives a volume another name. */
export function RenameVolumeDialog(props: { volume: FleetVolume | null; onClose: () => void }) {
  const t = useTranslations('volumes.renameDialog')
  const { volume, onClose } = props
  return (
    <Later
      open={volume !== null}
      onOpenChange={(open) => (open ? undefined : onClose())}
      title={t('title', { name: volume ? volumeName(volume) : '' })}
      description={t('text')}
    >
      {volume ? <RenameForm volume={volume} onClose={onClose} /> : null}
    </Later>
  )
}

/** Makes a copy of a volume. */
export function CloneVolumeDialog(props: { volume: FleetVolume | null; onClose: () => void }) {
  const t = useTranslations('volumes.cloneDialog')
  const { volume, onClose } = props
  return (
    <Later
      open={volume !== null}
      onOpenChange={(open) => (open ? undefined : onClose())}
      title={t('title', { name: volume ? volumeName(volume) : '' })}
      description={t('text', { host: volume?.hostName ?? '' })}
    >
      {volume ? <CloneForm volume={volume} onClose={onClose} /> : null}
    </Later>
  )
}

function Later(props: Opening & { title: string; description?: string; wide?: boolean; children: ReactNode }) {
  const common = useTranslations('common')
  const { children, ...dialog } = props
  return (
    <Dialog {...dialog} closeLabel={common('close')}>
      <Suspense fallback={<Skeleton className="h-40" />}>{children}</Suspense>
    </Dialog>
  )
}
