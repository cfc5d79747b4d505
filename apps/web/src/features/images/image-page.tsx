'use client'

import type { FleetImage, ImageDetail } from '@flotilla/protocol'
import { Button, CopyButton, Empty, Facts, Note, Panel, Skeleton } from '@flotilla/ui'
import { useQuery } from '@tanstack/react-query'
import { Boxes, Play, Trash2 } from 'lucide-react'
import Link from 'next/link'
import { usePathname, useRouter } from 'next/navigation'
import { useState } from 'react'
import { useTranslations } from 'use-intl'
import images from '../../../messages/en/images.json'
import { withTexts } from '../../i18n/with-texts.tsx'
import { ErrorNote } from '../../data/error-note.tsx'
import { errorCode } from '../../data/error.ts'
import { GuardedButton } from '../../data/guarded-button.tsx'
import { useTrpc } from '../../data/trpc.ts'
import { Ago, Bytes, ShortId, useBytes } from '../../format/values.tsx'
import { WithHidden } from '../../format/with-hidden.tsx'
import { idOf } from '../../navigation/addresses.ts'
import { ContainerStateWord } from '../../nouns/containers/container-state-word.tsx'
import { EngineName } from '../../nouns/hosts/engine-name.tsx'
import { joinWords } from '../../format/shell-words.ts'
import { runHref } from './image-menu.tsx'
import { imageName } from './image-name.ts'
import { LayerStack, LayerTable } from './layer-stack.tsx'
import { RemoveImagesDialog } from './remove-images-dialog.tsx'
import { shortReference } from '../../format/image-reference.ts'

type Detail = Omit<ImageDetail, 'image'>

/** One image on one host: what it is made of, what it starts, who uses it. */
export const ImagePage = withTexts({ images }, function ImagePage() {
  const t = useTranslations('images')
  const trpc = useTrpc()
  const id = idOf(usePathname())
  const query = useQuery(trpc.images.inspect.queryOptions({ id }))
  if (query.isError && errorCode(query.error) === 'NOT_FOUND') {
    return (
      <Empty
        icon={<Boxes />}
        title={t('notFound')}
        action={
          <Button asChild>
            <Link href="/images">{t('all')}</Link>
          </Button>
        }
      >
        {t('notFoundText')}
      </Empty>
    )
  }
  if (query.isError && !query.data) {
    return (
      <ErrorNote className="m-4" error={query.error} title={t('inspectFailed')} onRetry={() => void query.refetch()} />
    )
  }
  if (!query.data) return <PageSkeleton />
  return <Page image={query.data} detail={query.data.detail} />
})

function Page({ image, detail }: { image: FleetImage; detail: Detail | null }) {
  const t = useTranslations('images')
  const common = useTranslations('common')
  const router = useRouter()
  const size = useBytes()
  const [removing, setRemoving] = useState(false)
  const [layer, setLayer] = useState(-1)
  const away = image.stale ? (image.staleReason ?? t('stale', { host: image.hostName })) : null
  return (
    <div className="min-h-0 flex-1 overflow-y-auto">
      <div className="space-y-4 p-4">
        <header className="flex flex-wrap items-center gap-3">
          <h2 className="min-w-0 flex-1 basis-60 truncate font-mono text-lg font-semibold">{imageName(image)}</h2>
          <div className="flex gap-2">
            <GuardedButton permission="images.remove" kind="danger" reason={away} onClick={() => setRemoving(true)}>
              <Trash2 />
              {t('remove')}
            </GuardedButton>
            <GuardedButton
              kind="primary"
              permission="containers.create"
              reason={away}
              onClick={() => router.push(runHref(image))}
            >
              <Play />
              {t('run')}
            </GuardedButton>
          </div>
        </header>
        {away ? <Note tone="warn">{away}</Note> : null}
        <div className="grid gap-4 lg:grid-cols-2">
          <Panel title={t('overview')}>
            <Facts
              items={[
                [
                  t('facts.host'),
                  <span key="v">
                    {image.hostName}{' '}
                    <span className="text-faint">
                      <EngineName of={image} />
                    </span>
                  </span>,
                ],
                [t('facts.size'), <Bytes key="v" bytes={image.sizeBytes} />],
                [t('facts.platform'), `${image.os}/${image.architecture}`],
                image.createdAt ? [t('facts.made'), <Ago key="v" at={image.createdAt} />] : null,
                [t('facts.id'), <ShortId key="v" id={image.imageId} />],
                [
                  t('facts.references'),
                  <Lines
                    key="v"
                    lines={image.references.filter((each) => !each.includes('@')).map(shortReference)}
                    none={t('untagged')}
                  />,
                ],
                [t('facts.digests'), <Lines key="v" lines={image.digests} none={t('noneValue')} />],
              ]}
            />
          </Panel>
          <Panel title={t('config')}>{detail ? <Config detail={detail} /> : <Note tone="info">{away}</Note>}</Panel>
        </div>
        {detail ? (
          <Panel
            flush
            title={t('history')}
            actions={
              <span className="text-xs text-muted">
                {t('stackHint', { count: detail.layers.length, size: size(image.sizeBytes) })}
              </span>
            }
          >
            <div className="p-3 pb-2">
              <LayerStack layers={detail.layers} chosen={layer} onChoose={setLayer} />
            </div>
            <LayerTable layers={detail.layers} chosen={layer} onChoose={setLayer} />
          </Panel>
        ) : null}
        <UsedBy image={image} />
        {detail ? (
          <Panel
            flush
            title={t('jsonTab')}
            actions={
              <CopyButton
                text={JSON.stringify(detail.native, null, 2)}
                label={t('copyJson')}
                copiedLabel={common('copied')}
                failedLabel={common('copyFailed')}
                className="size-7"
              />
            }
          >
            <pre
              tabIndex={0}
              aria-label={t('jsonTab')}
              className="max-h-80 overflow-auto p-3 font-mono text-xs leading-5 focus-visible:outline-2 focus-visible:-outline-offset-2 focus-visible:outline-accent"
            >
              <WithHidden text={JSON.stringify(detail.native, null, 2)} />
            </pre>
          </Panel>
        ) : null}
      </div>
      <RemoveImagesDialog
        images={removing ? [image] : []}
        onClose={() => setRemoving(false)}
        onRemoved={() => router.push('/images')}
      />
    </div>
  )
}

function Config({ detail }: { detail: Detail }) {
  const t = useTranslations('images')
  const code = (text: string) =>
    text === '' ? <span className="text-faint">{t('noneValue')}</span> : <Code text={text} />
  const labels = Object.entries(detail.labels).map(([name, value]) => `${name}=${value}`)
  return (
    <Facts
      items={[
        [t('facts.entrypoint'), code(joinWords(detail.entrypoint))],
        [t('facts.command'), code(joinWords(detail.command))],
        [t('facts.user'), code(detail.user === '' ? 'root' : detail.user)],
        [t('facts.workingDir'), code(detail.workingDir === '' ? '/' : detail.workingDir)],
        [t('facts.ports'), code(detail.exposedPorts.join(' '))],
        detail.stopSignal === null ? null : [t('facts.stopSignal'), code(detail.stopSignal)],
        [t('facts.env'), <Lines key="v" lines={detail.env} none={t('noneValue')} />],
        labels.length === 0 ? null : [t('facts.labels'), <Lines key="v" lines={labels} none={t('noneValue')} />],
      ]}
    />
  )
}

const usersShown = 20

/** Which containers keep it; their list is live. Where they are many, the list of all containers shows the rest. */
function UsedBy({ image }: { image: FleetImage }) {
  const t = useTranslations('images')
  const trpc = useTrpc()
  const { imageId, hostId, engine } = image
  const query = useQuery(trpc.containers.list.queryOptions({ image: imageId, hostId, engine, limit: usersShown }))
  const users = query.data
  const containers = users?.items.slice(0, usersShown)
  return (
    <Panel title={t('usedByTitle')} flush>
      {query.isError ? (
        <ErrorNote className="m-3" error={query.error} title={t('usedByFailed')} onRetry={() => void query.refetch()} />
      ) : null}
      {containers === undefined && query.isError ? null : containers === undefined ? (
        <div className="p-3">
          <Skeleton className="h-5 w-1/3" />
        </div>
      ) : containers.length === 0 ? (
        <p className="p-3 text-muted">{t('usedByNone')}</p>
      ) : (
        <ul className="divide-y divide-line">
          {containers.map((container) => (
            <li key={container.id} className="flex items-center justify-between gap-4 px-3 py-2">
              <Link
                href={`/containers/${encodeURIComponent(container.id)}`}
                prefetch={false}
                className="truncate rounded-sm font-mono text-xs font-medium hover:underline focus-visible:outline-2 focus-visible:outline-accent"
              >
                {container.name}
              </Link>
              <ContainerStateWord container={container} />
            </li>
          ))}
          {users !== undefined && users.total > usersShown ? (
            <li className="px-3 py-2">
              <Link
                href={`/containers?${new URLSearchParams({ image: imageId, host: hostId, engine }).toString()}`}
                prefetch={false}
                className="rounded-sm font-medium hover:underline focus-visible:outline-2 focus-visible:outline-accent"
              >
                {t('usedByAll', { count: users.total })}
              </Link>
            </li>
          ) : null}
        </ul>
      )}
    </Panel>
  )
}

function Code({ text }: { text: string }) {
  return (
    <code className="font-mono text-xs break-all">
      <WithHidden text={text} />
    </code>
  )
}

function Lines({ lines, none }: { lines: readonly string[]; none: string }) {
  if (lines.length === 0) return <span className="text-faint">{none}</span>
  return (
    <ul className="space-y-0.5">
      {lines.map((line) => (
        <li key={line}>
          <Code text={line} />
        </li>
      ))}
    </ul>
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
