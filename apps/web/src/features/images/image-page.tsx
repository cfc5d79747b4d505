'use client'

import type { FleetImage } from '@flotilla/protocol'
import { Note, Panel, Skeleton } from '@flotilla/ui'
import { useQuery } from '@tanstack/react-query'
import { useRouter } from 'next/navigation'
import { useTranslations } from 'use-intl'
import images from '../../../messages/en/images.json'
import { useTrpc } from '../../data/trpc.ts'
import { imageName } from '../../format/image-name.ts'
import { withTexts } from '../../i18n/with-texts.tsx'
import { nounOf } from '../../navigation/nouns.ts'
import { DetailPage, useIdHere } from '../../noun-pages/detail-page.tsx'
import { NativeJson } from '../../noun-pages/native-json.tsx'
import { VerbButton } from '../../noun-pages/verb-button.tsx'
import type { Detail } from './page/detail.ts'
import { ImageConfig, ImageFacts } from './page/image-facts.tsx'
import { ImageLayers } from './page/image-layers.tsx'
import { UsedBy } from './page/used-by.tsx'
import { useImageAway, useImageVerbs } from './use-image-verbs.tsx'

const noun = nounOf('images')

/** One image on one host: what it is made of, what it starts, who uses it. */
export const ImagePage = withTexts({ images }, function ImagePage() {
  const trpc = useTrpc()
  const query = useQuery(trpc.images.inspect.queryOptions({ id: useIdHere() }))
  return (
    <DetailPage noun={noun} query={query} skeleton={<PageSkeleton />}>
      {(image) => <Whole image={image} detail={image.detail} />}
    </DetailPage>
  )
})

function Whole({ image, detail }: { image: FleetImage; detail: Detail | null }) {
  const t = useTranslations('images')
  const router = useRouter()
  const away = useImageAway()(image)
  const { run, remove, dialog } = useImageVerbs(() => router.push('/images'))
  return (
    <div className="min-h-0 flex-1 overflow-y-auto">
      <div className="space-y-4 p-4">
        <header className="flex flex-wrap items-center gap-3">
          <h2 className="min-w-0 flex-1 basis-60 truncate font-mono text-lg font-semibold">{imageName(image)}</h2>
          <div className="flex gap-2">
            <VerbButton verb={remove} row={image} kind="danger" />
            <VerbButton verb={run} row={image} kind="primary" />
          </div>
        </header>
        {away ? <Note tone="warn">{away}</Note> : null}
        <div className="grid gap-4 lg:grid-cols-2">
          <Panel title={t('overview')}>
            <ImageFacts image={image} />
          </Panel>
          <Panel title={t('config')}>
            {detail ? <ImageConfig detail={detail} /> : <Note tone="info">{away}</Note>}
          </Panel>
        </div>
        {detail ? <ImageLayers image={image} detail={detail} /> : null}
        <UsedBy image={image} />
        {detail ? <NativeJson value={detail.native} /> : null}
      </div>
      {dialog}
    </div>
  )
}

function PageSkeleton() {
  return (
    <div className="space-y-4 p-4" aria-busy="true">
      <Skeleton className="h-8 w-72" />
      <div className="grid gap-4 lg:grid-cols-2">
        <Skeleton className="h-56" />
        <Skeleton className="h-56" />
      </div>
      <Skeleton className="h-64" />
    </div>
  )
}
