'use client'

import { Segmented, toast } from '@flotilla/ui'
import { useQuery } from '@tanstack/react-query'
import { useState } from 'react'
import { useTranslations } from 'use-intl'
import { newOperationId } from '../../../data/operation-id.ts'
import { client, useTrpc } from '../../../data/trpc.ts'
import { Ago, Bytes, useBytes } from '../../../format/values.tsx'
import { volumeName } from '../../../format/volume-name.ts'
import { PlaceFields } from '../../../noun-pages/place-fields.tsx'
import { PrunePreview } from '../../../noun-pages/prune-preview.tsx'
import { useChange } from '../../../noun-pages/use-change.ts'
import { usePlace } from '../../../noun-pages/use-place.ts'

const which = ['anonymous', 'all'] as const

/** What no container of a host uses, measured now; exactly that goes. */
export function PruneForm({ hostId, onClose }: { hostId: string; onClose: () => void }) {
  const t = useTranslations('volumeDialogs.pruneDialog')
  const size = useBytes()
  const place = usePlace('volumes.prune', hostId)
  const [kind, setKind] = useState<(typeof which)[number]>('anonymous')
  const isNowhere = place.host === undefined || place.engine === undefined
  const where = { hostId: place.host?.id ?? '', ...(place.engine ? { engine: place.engine.id } : {}) }
  const query = useQuery(
    useTrpc().volumes.prunePreview.queryOptions(
      { ...where, all: kind === 'all' },
      { enabled: !isNowhere, staleTime: 0, gcTime: 0 },
    ),
  )
  const { change, failure, busy } = useChange('volumes')
  const prune = async (ids: string[]) => {
    const marks = Object.fromEntries(
      (query.data?.volumes ?? []).flatMap(({ volume, mark }) => (mark === undefined ? [] : [[volume.id, mark]])),
    )
    const operationId = newOperationId()
    const answer = await change(() => client.volumes.prune.mutate({ ...where, ids, marks, operationId }))
    if (answer === null) return null
    const done = { count: answer.removed.length, size: size(answer.freedBytes) }
    toast('ok', t(answer.unmeasured > 0 ? 'doneAtLeast' : 'done', done))
    return answer.retained
  }
  const { data } = query
  const isPartial = data?.volumes.some(({ sizeBytes }) => sizeBytes === null) ?? false
  return (
    <div className="space-y-4">
      <PlaceFields place={place} />
      <Segmented
        label={t('which')}
        value={kind}
        options={which.map((value) => ({ value, label: t(value) }))}
        onChange={setKind}
      />
      <PrunePreview
        isNowhere={isNowhere}
        query={query}
        items={data?.volumes.map(({ volume, sizeBytes }) => ({
          id: volume.id,
          name: volumeName(volume),
          detail: sizeBytes === null ? t('unknownSize') : <Bytes bytes={sizeBytes} />,
        }))}
        total={
          data ? (
            <>
              {t(isPartial ? 'totalAtLeast' : 'total', { count: data.volumes.length, size: size(data.totalBytes) })}{' '}
              <span className="text-faint">{t.rich('measured', { ago: () => <Ago at={data.measuredAt} /> })}</span>
            </>
          ) : null
        }
        nothing={t(kind === 'all' ? 'nothing' : 'nothingAnonymous')}
        failure={failure}
        busy={busy}
        onPrune={prune}
        onClose={onClose}
      />
    </div>
  )
}
