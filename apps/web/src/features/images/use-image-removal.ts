'use client'

import type { FleetImage } from '@flotilla/protocol'
import { toast } from '@flotilla/ui'
import { useQueryClient } from '@tanstack/react-query'
import { useState } from 'react'
import { useTranslations } from 'use-intl'
import { useErrorText } from '../../data/error-note.tsx'
import { newOperationId } from '../../data/operation-id.ts'
import { client } from '../../data/trpc.ts'
import { imageName } from '../../format/image-name.ts'
import { useBytes } from '../../format/values.tsx'

const atOnce = 4
const failuresSaid = 3

interface Failure {
  image: FleetImage
  error: unknown
}

/** Removes images, a few at once, and says how it went and what was freed. Answers whether all are gone. */
export function useImageRemoval() {
  const t = useTranslations('images.removeDialog')
  const errorText = useErrorText()
  const size = useBytes()
  const queryClient = useQueryClient()
  const [busy, setBusy] = useState(false)
  const tell = (going: readonly FleetImage[], failures: readonly Failure[], freed: number) => {
    const done = going.filter((image) => failures.every((failure) => failure.image !== image))
    if (done.length > 0) {
      const text = freed > 0 ? t('freed', { size: size(freed) }) : t('freedNone')
      toast('ok', t('done', { count: done.length, name: done[0] ? imageName(done[0]) : '' }), text)
    }
    for (const { image, error } of failures.slice(0, failuresSaid)) {
      toast('bad', t('failed', { name: imageName(image) }), errorText(error))
    }
    if (failures.length > failuresSaid) toast('bad', t('moreFailed', { count: failures.length - failuresSaid }))
  }
  const remove = async (going: readonly FleetImage[], force: boolean): Promise<boolean> => {
    setBusy(true)
    const { failures, freed } = await removeAll(going, force)
    setBusy(false)
    void queryClient.invalidateQueries({ queryKey: [['images']] })
    tell(going, failures, freed)
    return failures.length === 0
  }
  return { remove, busy }
}

async function removeAll(
  going: readonly FleetImage[],
  force: boolean,
): Promise<{ failures: Failure[]; freed: number }> {
  const failures: Failure[] = []
  let freed = 0
  const queue = [...going]
  const worker = async () => {
    for (let image = queue.shift(); image; image = queue.shift()) {
      try {
        const { freedBytes } = await client.images.remove.mutate({ id: image.id, force, operationId: newOperationId() })
        freed += freedBytes
      } catch (error) {
        failures.push({ image, error })
      }
    }
  }
  await Promise.all(Array.from({ length: Math.min(atOnce, going.length) }, worker))
  return { failures, freed }
}
