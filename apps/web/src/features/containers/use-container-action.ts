'use client'

import type { FleetContainer } from '@flotilla/protocol'
import { toast } from '@flotilla/ui'
import { useState } from 'react'
import { useTranslations } from 'use-intl'
import { useErrorText } from '../../data/error-note.tsx'
import { newOperationId } from '../../data/operation-id.ts'
import { client } from '../../data/trpc.ts'

export const containerVerbs = ['start', 'stop', 'restart', 'pause', 'unpause', 'kill', 'remove'] as const
export type ContainerVerb = (typeof containerVerbs)[number]

/** The states in which a verb makes sense. */
export const verbStates: Record<ContainerVerb, ReadonlySet<FleetContainer['state']>> = {
  start: new Set(['created', 'exited', 'unknown']),
  stop: new Set(['running', 'paused', 'restarting']),
  restart: new Set(['running', 'paused', 'exited']),
  pause: new Set(['running']),
  unpause: new Set(['paused']),
  kill: new Set(['running', 'paused', 'restarting']),
  remove: new Set(['created', 'running', 'paused', 'restarting', 'exited', 'unknown']),
}

type Target = Pick<FleetContainer, 'id' | 'name' | 'state'>

/** Does one thing to one container and says how it went. The row changes by what the host then reports. */
export function useContainerAction() {
  const t = useTranslations('containers.done')
  const errorText = useErrorText()
  const [busy, setBusy] = useState(false)
  const run = async (verb: ContainerVerb, target: Target): Promise<boolean> => {
    setBusy(true)
    try {
      const input = { id: target.id, operationId: newOperationId() }
      if (verb === 'remove') await client.containers.remove.mutate({ ...input, force: isUp(target) })
      else await client.containers[verb].mutate(input)
      toast('ok', t(verb, { name: target.name }))
      return true
    } catch (error) {
      toast('bad', t('failed', { name: target.name }), errorText(error))
      return false
    } finally {
      setBusy(false)
    }
  }
  return { run, busy }
}

/** Whether it has to be stopped before it can be removed. */
export function isUp({ state }: Pick<Target, 'state'>): boolean {
  return verbStates.stop.has(state)
}

const confirmed = ['stop', 'restart', 'remove'] as const
export type ConfirmedVerb = (typeof confirmed)[number]

/** A removal asks first, and of many their stop and restart. */
export function asksFirst(verb: string, count: number): verb is ConfirmedVerb {
  return verb === 'remove' || (count > 1 && confirmed.some((each) => each === verb))
}
