'use client'

import { Badge, Note, Panel, Skeleton } from '@flotilla/ui'
import { useQuery } from '@tanstack/react-query'
import { useRouter } from 'next/navigation'
import { Suspense } from 'react'
import { lazily } from '../../data/lazily.ts'
import { useTranslations } from 'use-intl'
import volumes from '../../../messages/en/volumes.json'
import { useTrpc } from '../../data/trpc.ts'
import { volumeName } from '../../format/volume-name.ts'
import { withTexts } from '../../i18n/with-texts.tsx'
import { nounOf } from '../../navigation/nouns.ts'
import { DetailPage, useIdHere } from '../../noun-pages/detail-page.tsx'
import { DetailTabs } from '../../noun-pages/detail-tabs.tsx'
import { NativeJson } from '../../noun-pages/native-json.tsx'
import { VerbButton } from '../../noun-pages/verb-button.tsx'
import { useCapability } from '../../nouns/hosts/use-capability.ts'
import { UsedBy } from './page/used-by.tsx'
import { VolumeFacts } from './page/volume-facts.tsx'
import { VolumeSize } from './page/volume-size.tsx'
import type { VolumeWithDetail } from './page/volume-with-detail.ts'
import { useVolumeVerbs } from './use-volume-verbs.tsx'

const FilesTab = lazily(() => import('./files/files-tab.tsx').then((module) => module.FilesTab))

const noun = nounOf('volumes')
const tabs = ['overview', 'files'] as const
const ownParameters = ['path', 'file']

/** One volume on one host: who uses it, what it takes, what is in it. */
export const VolumePage = withTexts({ volumes }, function VolumePage() {
  const trpc = useTrpc()
  const query = useQuery(trpc.volumes.inspect.queryOptions({ id: useIdHere() }))
  return (
    <DetailPage noun={noun} query={query} skeleton={<PageSkeleton />}>
      {(volume) => <Whole volume={volume} />}
    </DetailPage>
  )
})

function Whole({ volume }: { volume: VolumeWithDetail }) {
  const t = useTranslations('volumes')
  const router = useRouter()
  const away = useCapability()(volume, 'volumes.inspect')
  const { rename, clone, remove, dialog } = useVolumeVerbs(() => router.push('/volumes'))
  return (
    <>
      <header className="flex flex-wrap items-center gap-3 px-4 pt-4 pb-3">
        <h2 className="min-w-0 flex-1 basis-60 truncate font-mono text-lg font-semibold" title={volume.name}>
          {volumeName(volume)} {volume.anonymous ? <Badge>{t('anonymous')}</Badge> : null}
        </h2>
        <div className="flex flex-wrap gap-2">
          <VerbButton verb={rename} row={volume} />
          <VerbButton verb={clone} row={volume} />
          <VerbButton verb={remove} row={volume} kind="danger" />
        </div>
      </header>
      {away ? (
        <Note tone="warn" className="mx-4 mb-3">
          {away}
        </Note>
      ) : null}
      <DetailTabs
        label={t('views')}
        tabs={tabs.map((name) => ({ name, title: t(`tabs.${name}`) }))}
        own={ownParameters}
      >
        {(tab) =>
          tab === 'overview' ? (
            <Overview volume={volume} />
          ) : (
            <Suspense>
              <FilesTab volume={volume} />
            </Suspense>
          )
        }
      </DetailTabs>
      {dialog}
    </>
  )
}

function Overview({ volume }: { volume: VolumeWithDetail }) {
  const t = useTranslations('volumes')
  return (
    <div className="min-h-0 flex-1 overflow-y-auto" tabIndex={-1}>
      <div className="grid items-start gap-4 p-4 lg:grid-cols-2">
        <div className="grid gap-4">
          <UsedBy users={volume.detail?.usedBy ?? null} />
          <VolumeSize volume={volume} />
        </div>
        <Panel title={t('facts.title')}>
          <VolumeFacts volume={volume} />
        </Panel>
        {volume.detail ? <NativeJson className="lg:col-span-2" value={volume.detail.native} /> : null}
      </div>
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
    </div>
  )
}
