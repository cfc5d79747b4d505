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

const atOnce = 8

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

/** Does one thing to one or many containers and says how it went. The rows change by what the host then reports. */
export function useContainerActions() {
  const t = useTranslations('containers.done')
  const errorText = useErrorText()
  const [busy, setBusy] = useState(false)

  const one = async (verb: ContainerVerb, target: Target): Promise<void> => {
    const input = { id: target.id, operationId: newOperationId() }
    if (verb === 'remove')
      await client.containers.remove.mutate({
        ...input,
        force: target.state === 'running' || target.state === 'paused' || target.state === 'restarting',
      })
    else await client.containers[verb].mutate(input)
  }

  const run = async (verb: ContainerVerb, chosen: readonly Target[]): Promise<boolean> => {
    // Of many, those that it makes sense for; a single one is asked of the host, which knows best.
    const targets = chosen.length === 1 ? chosen : chosen.filter(({ state }) => verbStates[verb].has(state))
    setBusy(true)
    const failures: { target: Target; error: unknown }[] = []
    const queue = [...targets]
    const worker = async () => {
      for (let target = queue.shift(); target; target = queue.shift()) {
        try {
          await one(verb, target)
        } catch (error) {
          failures.push({ target, error })
        }
      }
    }
    await Promise.all(Array.from({ length: Math.min(atOnce, targets.length) }, worker))
    setBusy(false)
    const done = targets.filter((target) => failures.every((failure) => failure.target !== target))
    if (done.length > 0) toast('ok', t(verb, { count: done.length, name: done[0]?.name ?? '' }))
    for (const { target, error } of failures.slice(0, 3))
      toast('bad', t('failed', { name: target.name }), errorText(error))
    if (failures.length > 3) toast('bad', t('moreFailed', { count: failures.length - 3 }))
    return failures.length === 0
  }
  return { run, busy }
}
