'use client'

import type { FleetNetwork } from '@flotilla/protocol'
import { Button } from '@flotilla/ui'
import Link from 'next/link'
import { useTranslations } from 'use-intl'
import { addressOf } from '../../navigation/addresses.ts'
import { nounOf } from '../../navigation/nouns.ts'
import { VerbMenu } from '../../noun-pages/verb-menu.tsx'
import type { VerbGroups } from '../../noun-pages/verb.ts'
import { NetworkMarks } from './network-columns.tsx'
import { NetworkFacts } from './page/network-facts.tsx'

/** What one wants to know of a network before going to its page. */
export function NetworkPeek({ network, verbs }: { network: FleetNetwork; verbs: VerbGroups<FleetNetwork> }) {
  const t = useTranslations('networks')
  return (
    <div className="space-y-4 p-4">
      <div className="flex items-center justify-between">
        <span className="flex gap-1">
          <NetworkMarks network={network} />
        </span>
        <VerbMenu row={network} name={network.name} verbs={verbs} />
      </div>
      <NetworkFacts network={network} />
      <Button asChild kind="primary">
        <Link href={addressOf(nounOf('networks'), network.id)}>{t('open')}</Link>
      </Button>
    </div>
  )
}
