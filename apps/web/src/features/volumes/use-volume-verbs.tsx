'use client'

import type { FleetVolume } from '@flotilla/protocol'
import { Copy, FolderOpen, PencilLine, Trash2 } from 'lucide-react'
import { useRouter } from 'next/navigation'
import { useState, type ReactNode } from 'react'
import { lazily } from '../../data/lazily.ts'
import { DialogPart } from '../../data/part.tsx'
import { useTranslations } from 'use-intl'
import { addressOf } from '../../navigation/addresses.ts'
import { nounOf } from '../../navigation/nouns.ts'
import { type Matching, useChosen } from '../../noun-pages/use-chosen.ts'
import type { Verb } from '../../noun-pages/verb.ts'
import { useCapability } from '../../nouns/hosts/use-capability.ts'
import type { VolumeQuestion } from './volume-dialogs.tsx'

const VolumeDialog = lazily(() => import('./volume-dialogs.tsx').then((module) => module.VolumeDialog))

type Names = 'files' | 'rename' | 'clone' | 'remove'

/** A question about volumes, where there is one; its dialog loads when it is first asked. */
export function VolumeAsk({ asks, onClose }: { asks: VolumeQuestion | null; onClose: () => void }) {
  if (asks === null) return null
  return (
    <DialogPart onClose={onClose}>
      <VolumeDialog asks={asks} onClose={onClose} />
    </DialogPart>
  )
}

/** All that can be done to volumes. What needs a word more asks for it first; `dialog` is where it does. */
export function useVolumeVerbs(
  onRemoved: () => void,
  matching?: Matching<FleetVolume>,
): Record<Names, Verb<FleetVolume>> & { dialog: ReactNode } {
  const t = useTranslations('volumes.verbs')
  const router = useRouter()
  const capability = useCapability()
  const [asks, setAsks] = useState<VolumeQuestion | null>(null)
  const choose = useChosen(matching)
  const askToRemove = async (volumes: readonly FleetVolume[], isAll?: boolean) => {
    const chosen = await choose(volumes, isAll)
    if (chosen !== null) setAsks({ about: 'remove', chosen, onRemoved })
  }
  const why = (method: string) => (volume: FleetVolume) => capability(volume, method)
  const ask =
    (about: 'rename' | 'clone') =>
    ([volume]: readonly FleetVolume[]) =>
      setAsks(volume ? { about, volume } : null)
  return {
    files: {
      name: 'files',
      title: t('files'),
      icon: FolderOpen,
      permission: 'volumes.files.read',
      why: why('volumeFiles.list'),
      run: ([volume]) => (volume ? router.push(`${addressOf(nounOf('volumes'), volume.id)}?tab=files`) : undefined),
    },
    rename: {
      name: 'rename',
      title: t('rename'),
      icon: PencilLine,
      permission: 'volumes.create',
      why: why('volumes.rename'),
      run: ask('rename'),
    },
    clone: {
      name: 'clone',
      title: t('clone'),
      icon: Copy,
      permission: 'volumes.create',
      why: why('volumes.clone'),
      run: ask('clone'),
    },
    remove: {
      name: 'remove',
      title: t('remove'),
      icon: Trash2,
      permission: 'volumes.remove',
      isDanger: true,
      isForMany: true,
      why: why('volumes.remove'),
      run: (volumes, isAll) => void askToRemove(volumes, isAll),
    },
    dialog: <VolumeAsk asks={asks} onClose={() => setAsks(null)} />,
  }
}
