'use client'

import type { FleetNetwork } from '@flotilla/protocol'
import { Cable, Trash2 } from 'lucide-react'
import { useState, type ReactNode } from 'react'
import { lazily } from '../../data/lazily.ts'
import { DialogPart } from '../../data/part.tsx'
import { useTranslations } from 'use-intl'
import { type Matching, useChosen } from '../../noun-pages/use-chosen.ts'
import type { Verb } from '../../noun-pages/verb.ts'
import { useCapability } from '../../nouns/hosts/use-capability.ts'
import type { NetworkQuestion } from './network-dialogs.tsx'

const NetworkDialog = lazily(() => import('./network-dialogs.tsx').then((module) => module.NetworkDialog))

/** A question about networks, where there is one; its dialog loads when it is first asked. */
export function NetworkAsk({ asks, onClose }: { asks: NetworkQuestion | null; onClose: () => void }) {
  if (asks === null) return null
  return (
    <DialogPart onClose={onClose}>
      <NetworkDialog asks={asks} onClose={onClose} />
    </DialogPart>
  )
}

/** All that can be done to networks; `dialog` is where it asks first. */
export function useNetworkVerbs(
  onRemoved: () => void,
  matching?: Matching<FleetNetwork>,
): Record<'connect' | 'remove', Verb<FleetNetwork>> & { dialog: ReactNode } {
  const t = useTranslations('networks')
  const capability = useCapability()
  const [asks, setAsks] = useState<NetworkQuestion | null>(null)
  const choose = useChosen(matching)
  const askToRemove = async (networks: readonly FleetNetwork[], isAll?: boolean) => {
    const chosen = await choose(networks, isAll)
    if (chosen !== null) setAsks({ about: 'remove', chosen, onRemoved })
  }
  return {
    connect: {
      name: 'connect',
      title: t('verbs.connect'),
      icon: Cable,
      permission: 'networks.connect',
      why: (network) => capability(network, 'networks.connect'),
      run: ([network]) => setAsks(network ? { about: 'connect', network } : null),
    },
    remove: {
      name: 'remove',
      title: t('verbs.remove'),
      icon: Trash2,
      permission: 'networks.remove',
      isDanger: true,
      isForMany: true,
      why: (network) => (network.isDefault ? t('why.default') : capability(network, 'networks.remove')),
      run: (networks, isAll) => void askToRemove(networks, isAll),
    },
    dialog: <NetworkAsk asks={asks} onClose={() => setAsks(null)} />,
  }
}
