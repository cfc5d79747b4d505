'use client'

import type { FleetContainer } from '@flotilla/protocol'
import { Pause, Play, RotateCcw, ScrollText, Skull, Square, Terminal, Trash2, type LucideIcon } from 'lucide-react'
import { useRouter } from 'next/navigation'
import { useState, type ReactNode } from 'react'
import { useTranslations } from 'use-intl'
import { addressOf } from '../../navigation/addresses.ts'
import { nounOf } from '../../navigation/nouns.ts'
import type { Verb } from '../../noun-pages/verb.ts'
import { ConfirmDialog, type ConfirmedVerb } from './confirm-dialog.tsx'
import { useCapability } from '../../nouns/hosts/use-capability.ts'
import { containerVerbs, useContainerActions, verbStates, type ContainerVerb } from './use-container-actions.ts'

const icons: Record<ContainerVerb, LucideIcon> = {
  start: Play,
  stop: Square,
  restart: RotateCcw,
  pause: Pause,
  unpause: Play,
  kill: Skull,
  remove: Trash2,
}
const forMany: ReadonlySet<ContainerVerb> = new Set(['start', 'stop', 'remove'])
const tabs = { logs: ScrollText, terminal: Terminal } as const

/** All that can be done to containers. A removal, or a stop of many, asks first; `dialog` is where it does. */
export function useContainerVerbs(onRemoved: () => void): {
  verbs: (Verb<FleetContainer> & { name: ContainerVerb })[]
  busy: boolean
  dialog: ReactNode
} {
  const t = useTranslations('containers.verbs')
  const capability = useCapability()
  const { run, busy } = useContainerActions()
  const [asked, setAsked] = useState<{ verb: ConfirmedVerb; containers: readonly FleetContainer[] }>({
    verb: 'remove',
    containers: [],
  })
  const act = (verb: ContainerVerb, containers: readonly FleetContainer[]) => {
    if (verb === 'remove' || (verb === 'stop' && containers.length > 1)) setAsked({ verb, containers })
    else void run(verb, containers)
  }
  return {
    verbs: containerVerbs.map((name) => ({
      name,
      title: t(name),
      icon: icons[name],
      permission: name === 'remove' ? 'containers.remove' : 'containers.operate',
      isDanger: name === 'remove' || name === 'kill',
      isForMany: forMany.has(name),
      suits: ({ state }) => verbStates[name].has(state),
      why: (container) => capability(container, `containers.${name}`),
      run: (containers) => act(name, containers),
    })),
    busy,
    dialog: (
      <ConfirmDialog
        verb={asked.verb}
        containers={asked.containers}
        onClose={() => setAsked((before) => ({ ...before, containers: [] }))}
        onDone={() => {
          // What was stopped stays chosen: its removal may come next.
          if (asked.verb === 'remove') onRemoved()
        }}
      />
    ),
  }
}

/** The ways from a list to what a container prints and into it. */
export function useContainerLinks(): Verb<FleetContainer>[] {
  const t = useTranslations('containers.tabs')
  const router = useRouter()
  const go = (tab: keyof typeof tabs) => (containers: readonly FleetContainer[]) => {
    const [container] = containers
    if (container) router.push(`${addressOf(nounOf('containers'), container.id)}?tab=${tab}`)
  }
  return [
    { name: 'logs', title: t('logs'), icon: tabs.logs, run: go('logs') },
    { name: 'terminal', title: t('terminal'), icon: tabs.terminal, run: go('terminal') },
  ]
}
