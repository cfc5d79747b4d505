'use client'

import type { FleetContainer, FleetOperation } from '@flotilla/protocol'
import { useQueryClient } from '@tanstack/react-query'
import { useRef } from 'react'
import { trpcFor } from '../../data/trpc.ts'
import { useBulk } from '../../nouns/operations/use-bulk.ts'
import { isUp, verbStates, type ContainerVerb } from './use-container-action.ts'

/** The verbs that an operation of the platform does to many. */
const methods = {
  start: 'containers.start',
  stop: 'containers.stop',
  restart: 'containers.restart',
  remove: 'containers.remove',
} as const

/**
 * Does a verb to those of many containers that it makes sense for, as one operation. The same of the same ones is not begun again
 * while it runs, such as by a second click.
 */
export function useBulkVerb() {
  const bulk = useBulk()
  const queryClient = useQueryClient()
  const last = useRef({ what: '', operationId: '' })
  const isUnderWay = (id: string) => {
    const known = queryClient.getQueryData<FleetOperation[]>(trpcFor(queryClient).operations.list.queryKey({}))
    return (known?.find((each) => each.id === id)?.state ?? 'running') === 'running'
  }
  return async (verb: ContainerVerb, chosen: readonly FleetContainer[], operationId: string): Promise<void> => {
    if (!(verb in methods)) return
    const targets = chosen.filter(({ state }) => verbStates[verb].has(state))
    const what = `${verb} ${chosen.map(({ id }) => id).join(' ')}`
    if (targets.length === 0 || (last.current.what === what && isUnderWay(last.current.operationId))) return
    last.current = { what, operationId }
    await bulk({
      method: methods[verb as keyof typeof methods],
      ids: targets.map(({ id }) => id),
      names: Object.fromEntries(targets.map(({ id, name }) => [id, name])),
      force: verb === 'remove' && targets.some(isUp),
      operationId,
    })
  }
}
