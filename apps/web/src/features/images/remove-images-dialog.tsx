'use client'

import type { FleetImage } from '@flotilla/protocol'
import { Button, Checkbox, Dialog, toast } from '@flotilla/ui'
import { useQueryClient } from '@tanstack/react-query'
import { useState } from 'react'
import { useTranslations } from 'use-intl'
import { useErrorText } from '../../data/error-note.tsx'
import { newOperationId } from '../../data/operation-id.ts'
import { useStillAsks } from '../../data/still-asks.ts'
import { client } from '../../data/trpc.ts'
import { Bytes, useBytes } from '../../format/values.tsx'
import { imageName } from '../../format/image-name.ts'

const listed = 6
const atOnce = 4

/** Says what goes with an image before it goes, and which ones containers still need. */
export function RemoveImagesDialog(props: {
  images: readonly FleetImage[]
  onClose: () => void
  onRemoved?: () => void
}) {
  const t = useTranslations('images.removeDialog')
  const common = useTranslations('common')
  const errorText = useErrorText()
  const size = useBytes()
  const queryClient = useQueryClient()
  const [force, setForce] = useState(false)
  const [busy, setBusy] = useState(false)
  const { images } = props
  const stillAsks = useStillAsks(images)
  const used = images.filter((image) => image.containerCount > 0)
  const going = force ? images : images.filter((image) => image.containerCount === 0)
  const [first] = going.length > 0 ? going : images
  const remove = async () => {
    const isSame = stillAsks()
    setBusy(true)
    const failures: { image: FleetImage; error: unknown }[] = []
    let freed = 0
    const queue = [...going]
    const worker = async () => {
      for (let image = queue.shift(); image; image = queue.shift()) {
        try {
          freed += (await client.images.remove.mutate({ id: image.id, force, operationId: newOperationId() }))
            .freedBytes
        } catch (error) {
          failures.push({ image, error })
        }
      }
    }
    await Promise.all(Array.from({ length: Math.min(atOnce, going.length) }, worker))
    setBusy(false)
    void queryClient.invalidateQueries({ queryKey: [['images']] })
    const done = going.filter((image) => failures.every((failure) => failure.image !== image))
    if (done.length > 0) {
      const text = freed > 0 ? t('freed', { size: size(freed) }) : t('freedNone')
      toast('ok', t('done', { count: done.length, name: done[0] ? imageName(done[0]) : '' }), text)
    }
    for (const { image, error } of failures.slice(0, 3)) {
      toast('bad', t('failed', { name: imageName(image) }), errorText(error))
    }
    if (failures.length > 3) toast('bad', t('moreFailed', { count: failures.length - 3 }))
    if (!isSame()) return
    setForce(false)
    props.onClose()
    if (failures.length === 0) props.onRemoved?.()
  }
  return (
    <Dialog
      open={images.length > 0}
      onOpenChange={(open) => {
        if (open) return
        setForce(false)
        props.onClose()
      }}
      title={t('title', { count: images.length, name: first ? imageName(first) : '' })}
      description={t('takes')}
      closeLabel={common('close')}
    >
      <ul className="mb-3 divide-y divide-line rounded-md border border-line">
        {images.slice(0, listed).map((image) => (
          <li key={image.id} className="flex items-center justify-between gap-4 px-3 py-1.5">
            <span className="truncate font-mono text-xs">{imageName(image)}</span>
            <span className="flex shrink-0 items-baseline gap-3 text-xs text-muted">
              {image.containerCount > 0 ? (
                <span className="text-warn">{t('usedBy', { count: image.containerCount })}</span>
              ) : null}
              <Bytes bytes={image.sizeBytes} />
            </span>
          </li>
        ))}
        {images.length > listed ? (
          <li className="px-3 py-1.5 text-muted">{t('more', { count: images.length - listed })}</li>
        ) : null}
      </ul>
      {used.length > 0 ? (
        <div className="mb-4 space-y-2 text-sm">
          <p className="text-muted">{t('used', { count: used.length })}</p>
          <label className="flex items-start gap-2">
            <Checkbox checked={force} onChange={(event) => setForce(event.target.checked)} className="mt-0.5" />
            {t('force')}
          </label>
        </div>
      ) : null}
      <div className="flex justify-end gap-2">
        <Button onClick={props.onClose}>{common('cancel')}</Button>
        <Button kind="danger" disabled={busy || going.length === 0} onClick={() => void remove()} autoFocus>
          {t('remove')}
        </Button>
      </div>
    </Dialog>
  )
}
