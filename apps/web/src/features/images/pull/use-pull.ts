'use client'

import type { FleetImage } from '@flotilla/protocol'
import { useQueryClient } from '@tanstack/react-query'
import { useState } from 'react'
import { errorCode } from '../../../data/error.ts'
import { newOperationId } from '../../../data/operation-id.ts'
import { client } from '../../../data/trpc.ts'

export interface Pull {
  operationId: string
  hostId: string
  reference: string
}

export interface PullRequest extends Omit<Pull, 'operationId'> {
  engine?: string
  credentials?: { username: string; password: string }
}

/** A pull from its beginning to the image that it brought, or why it did not. */
export function usePull() {
  const queryClient = useQueryClient()
  const [pull, setPull] = useState<Pull | null>(null)
  const [failure, setFailure] = useState<unknown>(null)
  const [image, setImage] = useState<FleetImage | null>(null)
  /** Answers whether it came, or what is missing: a login. */
  const start = async (desired: PullRequest): Promise<'done' | 'login' | 'failed'> => {
    const operationId = newOperationId()
    setPull({ operationId, hostId: desired.hostId, reference: desired.reference })
    setFailure(null)
    try {
      setImage(await client.images.pull.mutate({ ...desired, operationId }))
      void queryClient.invalidateQueries({ queryKey: [['images']] })
      return 'done'
    } catch (error) {
      setFailure(error)
      setPull(null)
      return errorCode(error) === 'UNAUTHENTICATED' ? 'login' : 'failed'
    }
  }
  const reset = () => {
    setImage(null)
    setPull(null)
  }
  return { pull, failure, image, start, reset }
}
