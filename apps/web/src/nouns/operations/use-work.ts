'use client'

import { useQuery } from '@tanstack/react-query'
import { useCallback } from 'react'
import type { FleetOperation } from '@flotilla/protocol'
import { useTrpc } from '../../data/trpc.ts'
import { workOf } from './bulk.ts'

/**
 * What is being done right now to the thing with the platform's id, as the method's name. It looks at the operations that the page
 * holds and asks for none: the activity tray keeps them true.
 */
export function useWork(id: string | undefined): string | undefined {
  const trpc = useTrpc()
  const select = useCallback((operations: FleetOperation[]) => workOf(operations).get(id ?? '') ?? null, [id])
  return useQuery(trpc.operations.list.queryOptions({}, { enabled: false, select })).data ?? undefined
}
