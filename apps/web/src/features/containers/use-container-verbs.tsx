'use client'

import type { FleetContainer } from '@flotilla/protocol'
import { Pause, Play, RotateCcw, ScrollText, Skull, Square, Terminal, Trash2, type LucideIcon } from 'lucide-react'
import { useRouter } from 'next/navigation'
import type { ReactNode } from 'react'
import { useTranslations } from 'use-intl'
import { addressOf } from '../../navigation/addresses.ts'
import { nounOf } from '../../navigation/nouns.ts'
import type { Matching } from '../../noun-pages/use-chosen.ts'
import type { Verb } from '../../noun-pages/verb.ts'
import { useCapability } from '../../nouns/hosts/use-capability.ts'
import { useAct } from './use-act.tsx'
import { containerVerbs, verbStates, type ContainerVerb } from './use-container-action.ts'

const icons: Record<ContainerVerb, LucideIcon> = {
  start: Play,
  stop: Square,
  restart: RotateCcw,
  pause: Pause,
  unpause: Play,
  kill: Skull,
  remove: Trash2,
}
const forMany: ReadonlySet<ContainerVerb> = new Set(['start', 'stop', 'restart', 'remove'])
const tabs = { logs: ScrollText, terminal: Terminal } as const

/** All that can be done to containers. A removal, or a stop or restart of many, asks first; `dialog` is where it does. */
export function useContainerVerbs({
  matching,
  onRemoved,
}: {
  matching?: Matching<FleetContainer>
  onRemoved: () => void
}): {
  verbs: (Verb<FleetContainer> & { name: ContainerVerb })[]
  busy: boolean
  dialog: ReactNode
} {
  const t = useTranslations('containers.verbs')
  const capability = useCapability()
  const { act, busy, dialog } = useAct({ matching, onRemoved })
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
      run: (containers, isAll = false) => void act(name, containers, isAll),
    })),
    busy,
    dialog,
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
