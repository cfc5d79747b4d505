'use client'

import { toast } from '@flotilla/ui'
import { useQuery } from '@tanstack/react-query'
import { useTranslations } from 'use-intl'
import { newOperationId } from '../../../data/operation-id.ts'
import { client, useTrpc } from '../../../data/trpc.ts'
import { PlaceFields } from '../../../noun-pages/place-fields.tsx'
import { PrunePreview } from '../../../noun-pages/prune-preview.tsx'
import { useChange } from '../../../noun-pages/use-change.ts'
import { usePlace } from '../../../noun-pages/use-place.ts'

/** The networks of a host that no container is on; exactly those go. */
export function PruneForm({ hostId, onClose }: { hostId: string; onClose: () => void }) {
  const t = useTranslations('networkDialogs.pruneDialog')
  const place = usePlace('networks.prune', hostId)
  const isNowhere = place.host === undefined || place.engine === undefined
  const where = { hostId: place.host?.id ?? '', ...(place.engine ? { engine: place.engine.id } : {}) }
  const query = useQuery(
    useTrpc().networks.prunePreview.queryOptions(where, {
      enabled: !isNowhere,
      staleTime: 0,
      gcTime: 0,
    }),
  )
  const { change, failure, busy } = useChange('networks')
  const prune = async (ids: string[]) => {
    const answer = await change(() => client.networks.prune.mutate({ ...where, ids, operationId: newOperationId() }))
    if (answer === null) return null
    toast('ok', t('done', { count: answer.removed.length }))
    return answer.retained
  }
  return (
    <div className="space-y-4">
      <PlaceFields place={place} />
      <PrunePreview
        isNowhere={isNowhere}
        query={query}
        items={query.data?.networks.map(({ id, name, subnets }) => ({
          id,
          name,
          detail: <span className="font-mono">{subnets.map(({ subnet }) => subnet).join(', ')}</span>,
        }))}
        total={t('total', { count: query.data?.networks.length ?? 0 })}
        nothing={t('nothing')}
        failure={failure}
        busy={busy}
        onPrune={prune}
        onClose={onClose}
      />
    </div>
  )
}
