'use client'

import type { FleetNetwork } from '@flotilla/protocol'
import { Facts } from '@flotilla/ui'
import { useTranslations } from 'use-intl'
import { labelLines } from '../../../format/labels.ts'
import { Code, Lines } from '../../../format/lines.tsx'
import { Ago, ShortId } from '../../../format/values.tsx'
import { EngineName } from '../../../nouns/hosts/engine-name.tsx'

/** Where a network is, its addresses and how it was made. */
export function NetworkFacts({ network }: { network: FleetNetwork }) {
  const t = useTranslations('networks.facts')
  const table = useTranslations('table')
  return (
    <Facts
      items={[
        [
          t('host'),
          <span key="v">
            {network.hostName}{' '}
            <span className="text-faint">
              <EngineName of={network} />
            </span>
          </span>,
        ],
        [t('driver'), <Code key="v" text={network.driver} />],
        network.subnets.length === 0 ? null : [t('subnet'), <SubnetLines key="v" subnets={network.subnets} />],
        [t('internal'), t(network.internal ? 'yes' : 'no')],
        [t('dns'), t(network.dns ? 'dnsOn' : 'dnsOff')],
        [t('mtu'), network.mtu === null ? t('mtuDefault') : String(network.mtu)],
        network.createdAt === null ? null : [t('created'), <Ago key="v" at={network.createdAt} />],
        network.createdByFlotilla ? null : [t('createdBy'), t('others')],
        [t('labels'), <Lines key="v" lines={labelLines(network.labels)} none={table('labels.none')} />],
        [t('id'), <ShortId key="v" id={network.nativeId} />],
      ]}
    />
  )
}

function SubnetLines({ subnets }: Pick<FleetNetwork, 'subnets'>) {
  const t = useTranslations('networks.facts')
  return (
    <ul className="space-y-0.5">
      {subnets.map(({ subnet, gateway, range }) => (
        <li key={subnet}>
          <Code text={subnet} />{' '}
          <span className="inline-block max-w-full text-muted">
            {t.rich('gateway', { address: () => <Code text={gateway} /> })}
            {range === null ? '' : `, ${t('range', { range })}`}
          </span>
        </li>
      ))}
    </ul>
  )
}
