'use client'

import type { FleetVolume } from '@flotilla/protocol'
import { useInfiniteQuery } from '@tanstack/react-query'
import { Suspense } from 'react'
import { lazily } from '../../data/lazily.ts'
import { useTranslations } from 'use-intl'
import volumes from '../../../messages/en/volumes.json'
import { client, useTrpc } from '../../data/trpc.ts'
import { withTexts } from '../../i18n/with-texts.tsx'
import { nounOf } from '../../navigation/nouns.ts'
import { labelFilter } from '../../noun-pages/label-filter.ts'
import { CreateButton, PruneButton } from '../../noun-pages/list-buttons.tsx'
import { ListPage } from '../../noun-pages/list-page.tsx'
import { inPages, usePages } from '../../noun-pages/list.ts'
import { anyText, oneOf, useListAddress } from '../../noun-pages/use-list-address.ts'
import { useSelection } from '../../noun-pages/use-selection.ts'
import { mostOfBulk } from '../../nouns/operations/use-bulk.ts'
import { useVolumeVerbs, VolumeAsk } from './use-volume-verbs.tsx'
import { useVolumeColumns, VolumeLine } from './volume-columns.tsx'

const VolumePeek = lazily(() => import('./volume-peek.tsx').then((module) => module.VolumePeek))

const noun = nounOf('volumes')
const sorts = ['name', 'created', 'used', 'size', 'host'] as const
const uses = ['used', 'unused'] as const
const filters = { use: oneOf(uses), label: anyText }

const narrowRow = (volume: FleetVolume) => <VolumeLine volume={volume} />

/** Every volume of every host in one live list. */
export const VolumesPage = withTexts({ volumes }, function VolumesPage() {
  const t = useTranslations('volumes')
  const trpc = useTrpc()
  const address = useListAddress(noun, { sorts, filters })
  const list = usePages(
    useInfiniteQuery(trpc.volumes.list.infiniteQueryOptions({ ...address.input, limit: 200 }, inPages)),
  )
  const { sort: _sort, order: _order, ...filter } = address.input
  const selection = useSelection(list.rows, filter)
  const { files, rename, clone, remove, dialog } = useVolumeVerbs(
    () => selection.onChange(new Set()),
    async () => (await client.volumes.list.query({ ...filter, limit: mostOfBulk })).items,
  )
  const about = (['create', 'prune'] as const).find((each) => address.get(each) !== '')
  const begun = about ? { about, hostId: address.place.hostId } : null
  const verbs = [[files], [rename, clone], [remove]]
  return (
    <>
      <ListPage
        noun={noun}
        address={address}
        list={list}
        columns={useVolumeColumns()}
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
        tools={<PruneButton noun="volumes" onClick={() => address.set({ prune: '1' })} />}
        begin={<CreateButton noun="volumes" onClick={() => address.set({ create: '1' })} />}
        verbs={verbs}
        selection={{
          ...selection,
          most: mostOfBulk,
          label: t('bulk'),
          text: (chosen) => t('selected', { count: chosen.length }),
          busy: false,
        }}
        peek={(volume) => (
          <Suspense>
            <VolumePeek volume={volume} verbs={verbs} />
          </Suspense>
        )}
      />
      <VolumeAsk asks={begun} onClose={() => address.set({ create: null, prune: null })} />
      {dialog}
    </>
  )
})
