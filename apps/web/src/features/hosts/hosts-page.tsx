'use client'

import type { FleetHost } from '@flotilla/protocol'
import { useQuery } from '@tanstack/react-query'
import { Plus } from 'lucide-react'
import { useTranslations } from 'use-intl'
import { GuardedButton } from '../../data/guarded-button.tsx'
import { useTrpc } from '../../data/trpc.ts'
import { nounOf } from '../../navigation/nouns.ts'
import { ListPage } from '../../noun-pages/list-page.tsx'
import { useWholeList } from '../../noun-pages/list.ts'
import { useListAddress } from '../../noun-pages/use-list-address.ts'
import { HostLine, useHostColumns } from './host-columns.tsx'
import { JoinDialog } from './join-dialog.tsx'

const noun = nounOf('hosts')
const narrowRow = (host: FleetHost) => <HostLine host={host} />
const textOf = (host: FleetHost) =>
  `${host.name} ${host.facts?.os ?? ''} ${host.engines.map((each) => each.name).join(' ')}`

/** Every host: whether it is there, what it runs, what it has left. */
export function HostsPage() {
  const t = useTranslations('hosts')
  const trpc = useTrpc()
  const address = useListAddress(noun)
  const list = useWholeList(useQuery(trpc.hosts.list.queryOptions({})), address.search, textOf)
  return (
    <>
      <ListPage
        noun={noun}
        address={address}
        list={list}
        columns={useHostColumns()}
        narrow={narrowRow}
        rowClass={(row) => (row.state === 'connected' ? '' : 'stale')}
        begin={
          <GuardedButton kind="primary" permission="hosts.manage" onClick={() => address.set({ join: '1' })}>
            <Plus />
            {t('add')}
          </GuardedButton>
        }
      />
      {address.get('join') === '' ? null : <JoinDialog onClose={() => address.set({ join: null })} />}
    </>
  )
}
