'use client'

import type { FleetImage } from '@flotilla/protocol'
import { Note, Panel } from '@flotilla/ui'
import { useQuery } from '@tanstack/react-query'
import { useRouter } from 'next/navigation'
import { Suspense } from 'react'
import { useTranslations } from 'use-intl'
import images from '../../../messages/en/images.json'
import { lazily } from '../../data/lazily.ts'
import { useTrpc } from '../../data/trpc.ts'
import { imageName } from '../../format/image-name.ts'
import { withTexts } from '../../i18n/with-texts.tsx'
import { nounOf } from '../../navigation/nouns.ts'
import { DetailHeader, DetailSkeleton } from '../../noun-pages/detail-header.tsx'
import { DetailPage, useIdHere } from '../../noun-pages/detail-page.tsx'
import { DetailTabs } from '../../noun-pages/detail-tabs.tsx'
import { VerbButton } from '../../noun-pages/verb-button.tsx'
import type { Detail } from './page/detail.ts'
import { ImageConfig, ImageFacts } from './page/image-facts.tsx'
import { ImageLayers } from './page/image-layers.tsx'
import { UsedBy } from './page/used-by.tsx'
import { useImageAway, useImageVerbs } from './use-image-verbs.tsx'

const JsonTab = lazily(() => import('../../noun-pages/json/json-tab.tsx').then((module) => module.JsonTab))

const noun = nounOf('images')
const tabs = ['overview', 'json'] as const

/** One image on one host: what it is made of, what it starts, who uses it. */
export const ImagePage = withTexts({ images }, function ImagePage() {
  const trpc = useTrpc()
  const query = useQuery(trpc.images.inspect.queryOptions({ id: useIdHere() }))
  return (
    <DetailPage noun={noun} query={query} skeleton={<DetailSkeleton />}>
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
    <>
      <DetailHeader
        title={imageName(image)}
        actions={
          <>
            <VerbButton verb={remove} row={image} />
            <VerbButton verb={run} row={image} kind="primary" />
          </>
        }
        away={away}
      />
      <DetailTabs label={t('views')} tabs={tabs.map((name) => ({ name, title: t(`tabs.${name}`) }))} own={[]}>
        {(tab) =>
          tab === 'overview' ? (
            <Overview image={image} detail={detail} away={away} />
          ) : (
            <Suspense>
              <JsonTab name={imageName(image)} of={{ ...image, detail }} />
            </Suspense>
          )
        }
      </DetailTabs>
      {dialog}
    </>
  )
}

function Overview({ image, detail, away }: { image: FleetImage; detail: Detail | null; away: string | null }) {
  const t = useTranslations('images')
  return (
    <div className="min-h-0 flex-1 overflow-y-auto" tabIndex={-1}>
      <div className="space-y-4 p-4">
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
      </div>
    </div>
  )
}
