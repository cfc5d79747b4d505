'use client'

import type { ContainerSpecInput } from '@flotilla/protocol'
import { useQueryClient } from '@tanstack/react-query'
import { useRouter } from 'next/navigation'
import { useEffect, useRef, useState } from 'react'
import { newOperationId } from '../../data/operation-id.ts'
import { client } from '../../data/trpc.ts'

/** A create of an image that is there has answered by then; what takes longer shows its steps. */
const quickMs = 600

export interface Launch {
  operationId: string
  hostId: string
  name: string
}

/**
 * Makes and starts a container. `shown` is the launch whose steps the page should show: one that takes longer than a moment.
 * `failed` gets what the server refused; the container's page opens where it worked.
 */
export function useLaunch(options: { onShow: (launch: Launch | null) => void; onFailed: (error: unknown) => void }) {
  const router = useRouter()
  const queryClient = useQueryClient()
  const [busy, setBusy] = useState(false)
  const current = useRef('')
  // Whoever has gone to another page stays there; the container is made all the same.
  useEffect(() => () => void (current.current = ''), [])

  const launch = async (hostId: string, engine: string | undefined, spec: ContainerSpecInput & { name: string }) => {
    const operationId = newOperationId()
    current.current = operationId
    setBusy(true)
    const timer = setTimeout(() => {
      if (current.current === operationId) options.onShow({ operationId, hostId, name: spec.name })
    }, quickMs)
    try {
      const container = await client.containers.create.mutate({
        ...spec,
        pull: 'missing',
        start: true,
        hostId,
        ...(engine === undefined ? {} : { engine }),
        operationId,
      })
      void queryClient.invalidateQueries({ queryKey: [['images']] })
      if (current.current === operationId) router.replace(`/containers/${encodeURIComponent(container.id)}?tab=logs`)
    } catch (error) {
      if (current.current === operationId) {
        options.onShow(null)
        options.onFailed(error)
      }
    } finally {
      clearTimeout(timer)
      setBusy(false)
    }
  }
  return { launch, busy }
}
