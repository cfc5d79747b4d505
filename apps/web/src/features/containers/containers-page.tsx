'use client'

import type { FleetContainer } from '@flotilla/protocol'
import { useInfiniteQuery } from '@tanstack/react-query'
import { Play } from 'lucide-react'
import { useRouter } from 'next/navigation'
import { Suspense } from 'react'
import { lazily } from '../../data/lazily.ts'
import { useTranslations } from 'use-intl'
import { GuardedButton } from '../../data/guarded-button.tsx'
import { client, useTrpc } from '../../data/trpc.ts'
import { shortReference } from '../../format/image-reference.ts'
import { volumeName } from '../../format/volume-name.ts'
import { nounOf } from '../../navigation/nouns.ts'
import { inScope } from '../../navigation/scope.ts'
import type { ListFilter } from '../../noun-pages/list-filters.tsx'
import { ListPage } from '../../noun-pages/list-page.tsx'
import { inPages, usePages, type List } from '../../noun-pages/list.ts'
import { useSelection } from '../../noun-pages/use-selection.ts'
import { mostOfBulk } from '../../nouns/operations/use-bulk.ts'
import { anyText, useListAddress, type ListAddress } from '../../noun-pages/use-list-address.ts'
import { useContainerColumns, useContainerLine } from './container-columns.tsx'
import { useContainerLinks, useContainerVerbs } from './use-container-verbs.tsx'

const ContainerPeek = lazily(() => import('./container-peek.tsx').then((module) => module.ContainerPeek))

const noun = nounOf('containers')
const states = ['running', 'paused', 'restarting', 'created', 'exited', 'unknown'] as const
const sorts = ['name', 'created', 'state', 'host', 'cpu', 'memory'] as const
const filters = { state: anyText, image: anyText, volume: anyText, network: anyText }

/** What engines call a volume that nobody named. */
const unnamed = /^[0-9a-f]{64}$/

/** Every container of every host in one live list. */
export function ContainersPage() {
  const t = useTranslations('containers')
  const trpc = useTrpc()
  const address = useListAddress(noun, { sorts, filters })
  const list = usePages(
    useInfiniteQuery(trpc.containers.list.infiniteQueryOptions({ ...address.input, limit: 500 }, inPages)),
  )
  const { sort: _sort, order: _order, ...filter } = address.input
  const selection = useSelection(list.rows, filter)
  const links = useContainerLinks()
  const { verbs, busy, dialog } = useContainerVerbs({
    matching: async () => (await client.containers.list.query({ ...filter, limit: mostOfBulk })).items,
    onRemoved: () => selection.onChange(new Set()),
  })
  return (
    <>
      <ListPage
        noun={noun}
        address={address}
        list={list}
        columns={useContainerColumns()}
        narrow={useContainerLine()}
        rowClass={(row) => (row.stale ? '[&_*]:text-faint' : '')}
        filters={useFilters(address, list)}
        begin={<RunButton hostId={address.place.hostId} />}
        verbs={[links, verbs]}
        selection={{
          ...selection,
          most: mostOfBulk,
          label: t('bulk'),
          text: (chosen) => t('selected', { count: chosen.length }),
          busy,
        }}
        peek={(container) => (
          <Suspense>
            <ContainerPeek container={container} verbs={[verbs]} />
          </Suspense>
        )}
      />
      {dialog}
    </>
  )
}

/** By state with counts, and by what they use where another page led here with it. */
function useFilters(address: ListAddress, list: List<FleetContainer>): (ListFilter | null)[] {
  const t = useTranslations('containers.columns')
  const words = useTranslations('states')
  const [first] = list.rows
  const used = (name: 'image' | 'volume' | 'network', label: (called: string) => string): ListFilter | null => {
    const called = address.get(name)
    return called === '' ? null : { name, title: t(name), choices: [{ value: called, label: label(called) }] }
  }
  return [
    {
      name: 'state',
      title: t('state'),
      several: true,
      choices: states.map((state) => ({ value: state, label: words(state), count: list.counts[state] ?? 0 })),
    },
    used('image', (called) => (first ? shortReference(first.image) : called.slice(0, 19))),
    used('volume', (called) => volumeName({ name: called, anonymous: unnamed.test(called) })),
    used('network', (called) => called),
  ]
}

function RunButton({ hostId }: { hostId: string }) {
  const t = useTranslations('containers')
  const router = useRouter()
  return (
    <GuardedButton
      kind="primary"
      permission="containers.create"
      onClick={() => router.push(hostId ? inScope('/containers/new', hostId) : '/containers/new')}
    >
      <Play />
      {t('run')}
    </GuardedButton>
  )
}
