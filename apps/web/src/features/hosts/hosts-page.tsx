'use client'

import type { FleetHost } from '@flotilla/protocol'
import { useQuery } from '@tanstack/react-query'
import { Plus } from 'lucide-react'
import { useMemo } from 'react'
import { lazily } from '../../data/lazily.ts'
import { DialogPart } from '../../data/part.tsx'
import { useTranslations } from 'use-intl'
import host from '../../../messages/en/host.json'
import { GuardedButton } from '../../data/guarded-button.tsx'
import { useTrpc } from '../../data/trpc.ts'
import { withTexts } from '../../i18n/with-texts.tsx'
import { nounOf } from '../../navigation/nouns.ts'
import { ListPage } from '../../noun-pages/list-page.tsx'
import { useWholeList } from '../../noun-pages/list.ts'
import { anyText, useListAddress } from '../../noun-pages/use-list-address.ts'
import { HostLine, useHostColumns } from './host-columns.tsx'
import { filteredHosts, hostFilters } from './host-filters.ts'
import { labelTexts } from './label-text.ts'
import { useHostVerbs } from './use-host-verbs.tsx'

const JoinDialog = lazily(() => import('./join-dialog.tsx').then((module) => module.JoinDialog))
const noun = nounOf('hosts')
const narrowRow = (host: FleetHost) => <HostLine host={host} />
const textOf = (host: FleetHost) =>
  [host.name, host.facts?.os, ...host.engines.map((each) => each.name), ...host.groups, ...labelTexts(host)].join(' ')
const filters = { group: anyText, label: anyText }
const none: readonly FleetHost[] = []

/** Every host: whether it is there, what it runs, what it has left. */
export const HostsPage = withTexts({ host }, function HostsPage() {
  const t = useTranslations('hosts')
  const trpc = useTrpc()
  const { input, ...address } = useListAddress(noun, { filters })
  const query = useQuery(trpc.hosts.list.queryOptions({}))
  const hosts = query.data ?? none
  const { group, label } = input
  const shown = useMemo(() => filteredHosts(hosts, { group, label }), [hosts, group, label])
  const list = useWholeList({ ...query, data: query.data && shown }, address.search, textOf)
  const { edit, cordon, uncordon, dialog } = useHostVerbs(hosts)
  return (
    <>
      <ListPage
        noun={noun}
        address={address}
        list={list}
        columns={useHostColumns()}
        narrow={narrowRow}
        filters={hostFilters(hosts, { group, label }, { group: t('filters.group'), label: t('filters.label') })}
        verbs={[[edit], [cordon, uncordon]]}
        rowClass={(row) => (row.state === 'connected' ? '' : 'stale')}
        begin={
          <GuardedButton kind="primary" permission="hosts.manage" onClick={() => address.set({ join: '1' })}>
            <Plus />
            {t('add')}
          </GuardedButton>
        }
      />
      {dialog}
      {address.get('join') === '' ? null : (
        <DialogPart onClose={() => address.set({ join: null })}>
          <JoinDialog onClose={() => address.set({ join: null })} />
        </DialogPart>
      )}
    </>
  )
})
