'use client'

import { Badge, Panel } from '@flotilla/ui'
import { useQuery, useQueryClient } from '@tanstack/react-query'
import { useRouter } from 'next/navigation'
import { Suspense, useCallback } from 'react'
import { lazily } from '../../data/lazily.ts'
import { useTranslations } from 'use-intl'
import volumes from '../../../messages/en/volumes.json'
import { useTrpc } from '../../data/trpc.ts'
import { volumeName } from '../../format/volume-name.ts'
import { withTexts } from '../../i18n/with-texts.tsx'
import { nounOf } from '../../navigation/nouns.ts'
import { DetailHeader, DetailSkeleton } from '../../noun-pages/detail-header.tsx'
import { DetailPage, useIdHere } from '../../noun-pages/detail-page.tsx'
import { DetailTabs } from '../../noun-pages/detail-tabs.tsx'
import { VerbButton } from '../../noun-pages/verb-button.tsx'
import { useCapability } from '../../nouns/hosts/use-capability.ts'
import { useUploads } from './files/use-uploads.ts'
import { UsedBy } from './page/used-by.tsx'
import { VolumeFacts } from './page/volume-facts.tsx'
import { VolumeSize } from './page/volume-size.tsx'
import type { VolumeWithDetail } from './page/volume-with-detail.ts'
import { useVolumeVerbs } from './use-volume-verbs.tsx'

const FilesTab = lazily(() => import('./files/files-tab.tsx').then((module) => module.FilesTab))
const Uploads = lazily(() => import('./files/uploads.tsx').then((module) => module.Uploads))
const JsonTab = lazily(() => import('../../noun-pages/json/json-tab.tsx').then((module) => module.JsonTab))

const noun = nounOf('volumes')
const tabs = ['overview', 'files', 'json'] as const
type Tab = (typeof tabs)[number]
const ownParameters = ['path', 'file', 'q', 'sort', 'order']

/** One volume on one host: who uses it, what it takes, what is in it. */
export const VolumePage = withTexts({ volumes }, function VolumePage() {
  const trpc = useTrpc()
  const query = useQuery(trpc.volumes.inspect.queryOptions({ id: useIdHere() }))
  return (
    <DetailPage noun={noun} query={query} skeleton={<DetailSkeleton />}>
      {(volume) => <Whole key={volume.id} volume={volume} />}
    </DetailPage>
  )
})

function Whole({ volume }: { volume: VolumeWithDetail }) {
  const t = useTranslations('volumes')
  const router = useRouter()
  const away = useCapability()(volume, 'volumes.inspect')
  const queryClient = useQueryClient()
  const listAnew = useCallback(
    () => void queryClient.invalidateQueries({ queryKey: [['volumeFiles', 'list']] }),
    [queryClient],
  )
  const { add, ...uploads } = useUploads(volume.id, listAnew)
  const { rename, clone, remove, dialog } = useVolumeVerbs(() => router.push('/volumes'))
  return (
    <>
      <DetailHeader
        title={volumeName(volume)}
        name={volume.name}
        marks={volume.anonymous ? <Badge>{t('anonymous')}</Badge> : undefined}
        actions={
          <>
            <VerbButton verb={rename} row={volume} />
            <VerbButton verb={clone} row={volume} />
            <VerbButton verb={remove} row={volume} />
          </>
        }
        away={away}
      />
      <DetailTabs
        label={t('views')}
        tabs={tabs.map((name) => ({ name, title: t(`tabs.${name}`) }))}
        own={ownParameters}
      >
        {(tab) => (
          <Suspense>
            <TabBody tab={tab} volume={volume} onFiles={add} />
          </Suspense>
        )}
      </DetailTabs>
      {uploads.uploads.length === 0 ? null : (
        <Suspense>
          <Uploads {...uploads} />
        </Suspense>
      )}
      {dialog}
    </>
  )
}

interface TabProps {
  tab: Tab
  volume: VolumeWithDetail
  onFiles: ReturnType<typeof useUploads>['add']
}

function TabBody({ tab, volume, onFiles }: TabProps) {
  switch (tab) {
    case 'overview':
      return <Overview volume={volume} />
    case 'files':
      return <FilesTab volume={volume} onFiles={onFiles} />
    case 'json':
      return <JsonTab name={volumeName(volume)} of={volume} />
  }
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
      </div>
    </div>
  )
}
