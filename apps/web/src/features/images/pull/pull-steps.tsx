'use client'

import type { FleetImage } from '@flotilla/protocol'
import { Button, DialogActions, StateWord, toast } from '@flotilla/ui'
import { useQuery } from '@tanstack/react-query'
import Link from 'next/link'
import { useState } from 'react'
import { useTranslations } from 'use-intl'
import { useErrorText } from '../../../data/error-note.tsx'
import { client, useTrpc } from '../../../data/trpc.ts'
import { shortReference } from '../../../format/image-reference.ts'
import { LayerList, layersOf } from '../../../nouns/operations/layer-list.tsx'
import { runAddress } from '../run-address.ts'
import type { Pull } from './use-pull.ts'

/** A pull that is under way, layer by layer. Closed, it goes on. */
export function Pulling({ pull, onClose }: { pull: Pull; onClose: () => void }) {
  const t = useTranslations('images.pullDialog')
  const errorText = useErrorText()
  const trpc = useTrpc()
  const [cancelling, setCancelling] = useState(false)
  const operation = useQuery(trpc.operations.list.queryOptions({})).data?.find((each) => each.id === pull.operationId)
  const layers = operation ? layersOf(operation.progress) : []
  const done = layers.filter((layer) => layer.state === 'done' || layer.state === 'there').length
  const cancel = async () => {
    setCancelling(true)
    try {
      await client.operations.cancel.mutate({ hostId: pull.hostId, id: pull.operationId })
    } catch (error) {
      toast('bad', t('cancelFailed'), errorText(error))
      setCancelling(false)
    }
  }
  return (
    <div className="space-y-4">
      <p className="flex items-baseline justify-between gap-4 text-sm">
        <span className="truncate font-mono text-xs">{pull.reference}</span>
        <span className="shrink-0 text-muted tabular-nums" role="status">
          {layers.length === 0 ? t('resolving') : t('progress', { done, total: layers.length })}
        </span>
      </p>
      {operation ? <LayerList operation={operation} /> : null}
      <DialogActions>
        <Button disabled={cancelling} onClick={() => void cancel()}>
          {t('cancel')}
        </Button>
        <Button kind="primary" onClick={onClose}>
          {t('hide')}
        </Button>
      </DialogActions>
    </div>
  )
}

/** The image has come: what one does next with it. */
export function Pulled({
  image,
  reference,
  onAnother,
}: {
  image: FleetImage
  reference: string
  onAnother: () => void
}) {
  const t = useTranslations('images.pullDialog')
  return (
    <div className="space-y-4">
      <p role="status">
        <StateWord tone="ok">{t('done', { reference: shortReference(reference), host: image.hostName })}</StateWord>
      </p>
      <div className="flex flex-wrap justify-end gap-2">
        <Button onClick={onAnother}>{t('another')}</Button>
        <Button asChild>
          <Link href={`/images/${encodeURIComponent(image.id)}`}>{t('open')}</Link>
        </Button>
        <Button asChild kind="primary">
          <Link href={runAddress(image)}>{t('runIt')}</Link>
        </Button>
      </div>
    </div>
  )
}
