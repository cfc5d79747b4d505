'use client'

import type { FleetImage } from '@flotilla/protocol'
import { copyText, toast } from '@flotilla/ui'
import { Copy, Play, Trash2 } from 'lucide-react'
import { useRouter } from 'next/navigation'
import { useState, type ReactNode } from 'react'
import { lazily } from '../../data/lazily.ts'
import { DialogPart } from '../../data/part.tsx'
import { useTranslations } from 'use-intl'
import { type Chosen, type Matching, useChosen } from '../../noun-pages/use-chosen.ts'
import type { Verb } from '../../noun-pages/verb.ts'
import { runAddress } from './run-address.ts'

const RemoveImagesDialog = lazily(() =>
  import('./remove-images-dialog.tsx').then((module) => module.RemoveImagesDialog),
)

/** Why nothing can be done to an image now: its host or engine is away. Null where it is there. */
export function useImageAway(): (image: FleetImage) => string | null {
  const t = useTranslations('images')
  return (image) => (image.stale ? (image.staleReason ?? t('stale', { host: image.hostName })) : null)
}

/** All that can be done to images. A removal asks first; `dialog` is where it does. */
export function useImageVerbs(
  onRemoved: () => void,
  matching?: Matching<FleetImage>,
): {
  run: Verb<FleetImage>
  copy: Verb<FleetImage>
  remove: Verb<FleetImage>
  dialog: ReactNode
} {
  const t = useTranslations('images')
  const common = useTranslations('common')
  const router = useRouter()
  const why = useImageAway()
  const [removing, setRemoving] = useState<Chosen<FleetImage> | null>(null)
  const choose = useChosen(matching)
  const copyName = async (image: FleetImage) => {
    const done = await copyText(image.references[0] ?? image.imageId)
    toast(done ? 'ok' : 'bad', common(done ? 'copied' : 'copyFailed'))
  }
  return {
    run: {
      name: 'run',
      title: t('run'),
      icon: Play,
      permission: 'containers.create',
      why,
      run: ([image]) => (image ? router.push(runAddress(image)) : undefined),
    },
    copy: {
      name: 'copy',
      title: common('copy'),
      icon: Copy,
      run: ([image]) => (image ? void copyName(image) : undefined),
    },
    remove: {
      name: 'remove',
      title: t('remove'),
      icon: Trash2,
      permission: 'images.remove',
      isDanger: true,
      isForMany: true,
      why,
      run: (images, isAll) => void choose(images, isAll).then(setRemoving),
    },
    dialog:
      removing === null ? null : (
        <DialogPart onClose={() => setRemoving(null)}>
          <RemoveImagesDialog chosen={removing} onClose={() => setRemoving(null)} onRemoved={onRemoved} />
        </DialogPart>
      ),
  }
}
