'use client'

import type { FleetHost } from '@flotilla/protocol'
import { StateWord, type Tone } from '@flotilla/ui'
import { useTranslations } from 'use-intl'

export const hostTones: Record<FleetHost['state'], Tone> = {
  connected: 'ok',
  connecting: 'busy',
  away: 'bad',
  'never-seen': 'unknown',
}

/** A host's link as shape, colour and word; why it is away stands behind it on hover. */
export function HostState({ host }: { host: Pick<FleetHost, 'state' | 'reason'> }) {
  const t = useTranslations('hosts')
  return (
    <span className="flex items-center" title={host.state === 'connected' ? undefined : host.reason}>
      <StateWord tone={hostTones[host.state]}>{t(`states.${host.state}`)}</StateWord>
    </span>
  )
}
