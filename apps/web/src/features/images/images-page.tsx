'use client'

import type { FleetImage } from '@flotilla/protocol'
import { useInfiniteQuery } from '@tanstack/react-query'
import { Download } from 'lucide-react'
import { lazily } from '../../data/lazily.ts'
import { DialogPart } from '../../data/part.tsx'
import { useTranslations } from 'use-intl'
import images from '../../../messages/en/images.json'
import { GuardedButton } from '../../data/guarded-button.tsx'
import { client, useTrpc } from '../../data/trpc.ts'
import { useBytes } from '../../format/values.tsx'
import { withTexts } from '../../i18n/with-texts.tsx'
import { nounOf } from '../../navigation/nouns.ts'
import { ListPage } from '../../noun-pages/list-page.tsx'
import { inPages, usePages } from '../../noun-pages/list.ts'
import { oneOf, useListAddress } from '../../noun-pages/use-list-address.ts'
import { useSelection } from '../../noun-pages/use-selection.ts'
import { mostOfBulk } from '../../nouns/operations/use-bulk.ts'
import { ImageLine, useImageColumns } from './image-columns.tsx'
import { useImageVerbs } from './use-image-verbs.tsx'

const PullDialog = lazily(() => import('./pull-dialog.tsx').then((module) => module.PullDialog))

const noun = nounOf('images')
const sorts = ['reference', 'size', 'created', 'used', 'host'] as const
const uses = ['used', 'unused'] as const
const filters = { use: oneOf(uses) }

const narrowRow = (image: FleetImage) => <ImageLine image={image} />

/** Every image of every host in one live list. */
export const ImagesPage = withTexts({ images }, function ImagesPage() {
  const t = useTranslations('images')
  const size = useBytes()
  const trpc = useTrpc()
  const address = useListAddress(noun, { sorts, filters })
  const list = usePages(
    useInfiniteQuery(trpc.images.list.infiniteQueryOptions({ ...address.input, limit: 200 }, inPages)),
  )
  const { sort: _sort, order: _order, ...filter } = address.input
  const selection = useSelection(list.rows, filter)
  const { run, copy, remove, dialog } = useImageVerbs(
    () => selection.onChange(new Set()),
    async () => (await client.images.list.query({ ...filter, limit: mostOfBulk })).items,
  )
  const setPulling = (open: boolean) => address.set({ pull: open ? '1' : null })
  const bytes = (chosen: readonly FleetImage[]) => chosen.reduce((sum, image) => sum + image.sizeBytes, 0)
  return (
    <>
      <ListPage
        noun={noun}
        address={address}
        list={list}
        columns={useImageColumns()}
        narrow={narrowRow}
        rowClass={(row) => (row.stale ? 'stale' : '')}
        filters={[
          {
            name: 'use',
            title: t('use'),
            choices: uses.map((value) => ({ value, label: t(value), count: list.counts[value] ?? 0 })),
          },
        ]}
        begin={<PullButton onPull={() => setPulling(true)} />}
        verbs={[[run, copy], [remove]]}
        selection={{
          ...selection,
          most: mostOfBulk,
          label: t('bulk'),
          text: (chosen) => t('selected', { count: chosen.length, size: size(bytes(chosen)) }),
          busy: false,
        }}
      />
      {address.get('pull') === '' ? null : (
        <DialogPart onClose={() => setPulling(false)}>
          <PullDialog onClose={() => setPulling(false)} hostId={address.place.hostId} />
        </DialogPart>
      )}
      {dialog}
    </>
  )
})

function PullButton({ onPull }: { onPull: () => void }) {
  const t = useTranslations('images')
  return (
    <GuardedButton kind="primary" permission="images.pull" onClick={onPull}>
      <Download />
      <span className="sm:hidden">{t('pullDialog.pull')}</span>
      <span className="max-sm:hidden">{t('pull')}</span>
    </GuardedButton>
  )
}
