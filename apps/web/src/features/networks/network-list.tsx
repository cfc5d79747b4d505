'use client'

import type { FleetNetwork } from '@flotilla/protocol'
import { useInfiniteQuery } from '@tanstack/react-query'
import { Suspense } from 'react'
import { lazily } from '../../data/lazily.ts'
import { useTranslations } from 'use-intl'
import { client, useTrpc } from '../../data/trpc.ts'
import { nounOf } from '../../navigation/nouns.ts'
import { labelFilter } from '../../noun-pages/label-filter.ts'
import { CreateButton, PruneButton } from '../../noun-pages/list-buttons.tsx'
import { ListPage } from '../../noun-pages/list-page.tsx'
import { inPages, usePages } from '../../noun-pages/list.ts'
import { anyText, oneOf, useListAddress } from '../../noun-pages/use-list-address.ts'
import { useSelection } from '../../noun-pages/use-selection.ts'
import { mostOfBulk } from '../../nouns/operations/use-bulk.ts'
import { NetworkLine, useNetworkColumns } from './network-columns.tsx'
import { NetworkAsk, useNetworkVerbs } from './use-network-verbs.tsx'

const NetworkPeek = lazily(() => import('./network-peek.tsx').then((module) => module.NetworkPeek))

const noun = nounOf('networks')
const sorts = ['name', 'created', 'used', 'host'] as const
const uses = ['used', 'unused'] as const
const filters = { use: oneOf(uses), label: anyText }

const narrowRow = (network: FleetNetwork) => <NetworkLine network={network} />

/** Every network of every host in one live list. */
export function NetworkList() {
  const t = useTranslations('networks')
  const trpc = useTrpc()
  const address = useListAddress(noun, { sorts, filters })
  const list = usePages(
    useInfiniteQuery(trpc.networks.list.infiniteQueryOptions({ ...address.input, limit: 200 }, inPages)),
  )
  const { sort: _sort, order: _order, ...filter } = address.input
  const selection = useSelection(list.rows, filter)
  const { connect, remove, dialog } = useNetworkVerbs(
    () => selection.onChange(new Set()),
    async () => (await client.networks.list.query({ ...filter, limit: mostOfBulk })).items,
  )
  const about = (['create', 'prune'] as const).find((each) => address.get(each) !== '')
  const begun = about ? { about, hostId: address.place.hostId } : null
  const verbs = [[connect], [remove]]
  return (
    <>
      <ListPage
        noun={noun}
        address={address}
        list={list}
        columns={useNetworkColumns()}
        narrow={narrowRow}
        rowClass={(row) => (row.stale ? 'stale' : '')}
        filters={[
          {
            name: 'use',
            title: t('use'),
            choices: uses.map((value) => ({ value, label: t(value), count: list.counts[value] ?? 0 })),
          },
          labelFilter(t('label'), address.get('label'), list.rows),
        ]}
        tools={<PruneButton noun="networks" onClick={() => address.set({ prune: '1' })} />}
        begin={<CreateButton noun="networks" onClick={() => address.set({ create: '1' })} />}
        verbs={verbs}
        selection={{
          ...selection,
          most: mostOfBulk,
          label: t('bulk'),
          text: (chosen) => t('selected', { count: chosen.length }),
          busy: false,
        }}
        peek={(network) => (
          <Suspense>
            <NetworkPeek network={network} verbs={verbs} />
          </Suspense>
        )}
      />
      <NetworkAsk asks={begun} onClose={() => address.set({ create: null, prune: null })} />
      {dialog}
    </>
  )
}
