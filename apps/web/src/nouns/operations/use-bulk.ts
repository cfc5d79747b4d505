'use client'

import type { FleetOperation } from '@flotilla/protocol'
import { toast } from '@flotilla/ui'
import { useQueryClient } from '@tanstack/react-query'
import { useTranslations } from 'use-intl'
import { useErrorText } from '../../data/error-note.tsx'
import { client, trpcFor } from '../../data/trpc.ts'
import { awaitEnd, takeEnd } from './endings.ts'

type BulkCall = Parameters<typeof client.operations.bulk.mutate>[0]

/** What can be asked of many at once. */
export type BulkMethod = BulkCall['method']

/** Most things that one operation may be about. */
export const mostOfBulk = 1000

/**
 * Begins one change of many things as an operation of the platform, which goes on without this page. Under the same id it is begun
 * once. Its end is told by the activity tray; a failure to begin is told here.
 */
export function useBulk(): (call: BulkCall & { operationId: string }) => Promise<void> {
  const t = useTranslations('operations')
  const errorText = useErrorText()
  const queryClient = useQueryClient()
  return async (call) => {
    awaitEnd(call.operationId)
    try {
      const { items: _items, ...begun } = await client.operations.bulk.mutate(call)
      // What the feed has said of it meanwhile is younger.
      const add = (known: FleetOperation[] = []) =>
        known.some(({ id }) => id === begun.id) ? known : [begun, ...known]
      queryClient.setQueryData(trpcFor(queryClient).operations.list.queryKey({}), add)
    } catch (error) {
      takeEnd(call.operationId)
      toast('bad', t('notBegun'), errorText(error))
    }
  }
}
