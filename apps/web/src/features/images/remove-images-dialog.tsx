'use client'

import type { FleetImage } from '@flotilla/protocol'
import { Button, Checkbox, Dialog } from '@flotilla/ui'
import { useState } from 'react'
import { useTranslations } from 'use-intl'
import { useStillAsks } from '../../data/still-asks.ts'
import { imageName } from '../../format/image-name.ts'
import { Bytes } from '../../format/values.tsx'
import { useImageRemoval } from './use-image-removal.ts'

const listed = 6

/** Says what goes with an image before it goes, and which ones containers still need. */
export function RemoveImagesDialog(props: {
  images: readonly FleetImage[]
  onClose: () => void
  onRemoved?: () => void
}) {
  const t = useTranslations('images.removeDialog')
  const common = useTranslations('common')
  const { remove, busy } = useImageRemoval()
  const [force, setForce] = useState(false)
  const { images } = props
  const stillAsks = useStillAsks(images)
  const used = images.filter((image) => image.containerCount > 0)
  const going = force ? images : images.filter((image) => image.containerCount === 0)
  const [first] = going.length > 0 ? going : images
  const close = () => {
    setForce(false)
    props.onClose()
  }
  const confirm = async () => {
    const isSame = stillAsks()
    const whole = await remove(going, force)
    if (!isSame()) return
    close()
    if (whole) props.onRemoved?.()
  }
  return (
    <Dialog
      open={images.length > 0}
      onOpenChange={(open) => {
        if (!open) close()
      }}
      title={t('title', { count: images.length, name: first ? imageName(first) : '' })}
      description={t('takes')}
      closeLabel={common('close')}
    >
      <Affected images={images} />
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
        <Button kind="danger" disabled={busy || going.length === 0} onClick={() => void confirm()} autoFocus>
          {t('remove')}
        </Button>
      </div>
    </Dialog>
  )
}

function Affected({ images }: { images: readonly FleetImage[] }) {
  const t = useTranslations('images.removeDialog')
  return (
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
  )
}
