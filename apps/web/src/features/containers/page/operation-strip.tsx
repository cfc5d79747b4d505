'use client'

import type { FleetContainer } from '@flotilla/protocol'
import { useQuery } from '@tanstack/react-query'
import { useTrpc } from '../../../data/trpc.ts'
import { OperationLine } from '../../../nouns/operations/operation-line.tsx'

const silent = new Set(['exec.create', 'exec.remove'])

/** What goes on with the container right now, step by step. */
export function OperationStrip({ container }: { container: FleetContainer }) {
  const trpc = useTrpc()
  const operations = useQuery(trpc.operations.list.queryOptions({})).data ?? []
  const own = operations.filter(
    (operation) =>
      operation.state === 'running' &&
      operation.hostId === container.hostId &&
      !silent.has(operation.method) &&
      (operation.target === container.name || operation.target === container.nativeId),
  )
  if (own.length === 0) return null
  return (
    <div className="mx-4 mb-3 divide-y divide-line rounded-md border border-line bg-surface sm:mx-6">
      {own.map((operation) => (
        <OperationLine key={operation.id} operation={operation} />
      ))}
    </div>
  )
}
