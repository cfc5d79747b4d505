'use client'

import type { FleetContainer } from '@flotilla/protocol'
import type { ColumnDef } from '@tanstack/react-table'
import Link from 'next/link'
import { useCallback, useMemo, type ReactNode } from 'react'
import { useTranslations } from 'use-intl'
import { Ago, Bytes, Cores } from '../../format/values.tsx'
import { EngineName } from '../../nouns/hosts/engine-name.tsx'
import { useIsHere } from '../../nouns/hosts/use-is-here.ts'
import { shortReference } from '../../format/image-reference.ts'
import { ContainerStateWord } from '../../nouns/containers/container-state-word.tsx'
import { Ports } from './ports.tsx'

/** The list's columns, from the most to the least needed: a narrow table shows the first of them. */
export function useContainerColumns(): ColumnDef<FleetContainer>[] {
  const t = useTranslations('containers.columns')
  const isHere = useIsHere()
  return useMemo(
    () => [
      {
        id: 'name',
        header: t('name'),
        meta: { track: 'minmax(9rem, 1.6fr)', sort: 'name' },
        cell: ({ row: { original } }) => (
          <Link
            href={`/containers/${encodeURIComponent(original.id)}`}
            tabIndex={-1}
            prefetch={false}
            className="block max-w-full truncate font-mono text-xs font-medium hover:underline"
          >
            {original.name}
          </Link>
        ),
      },
      {
        id: 'state',
        header: t('state'),
        meta: { track: 'minmax(7.5rem, 1fr)', sort: 'state' },
        cell: ({ row: { original } }) => (
          <>
            <ContainerStateWord container={original} />
            {original.stale ? <Age at={original.observedAt} /> : null}
          </>
        ),
      },
      {
        id: 'image',
        header: t('image'),
        meta: { track: 'minmax(8rem, 1.4fr)', from: 720 },
        cell: ({ row: { original } }) => (
          <span className="font-mono text-xs text-muted" title={original.image}>
            {shortReference(original.image)}
          </span>
        ),
      },
      {
        id: 'ports',
        header: t('ports'),
        meta: { track: 'minmax(9.5rem, 0.8fr)', from: 980 },
        cell: ({ row: { original } }) => <Ports ports={original.ports} isHere={isHere(original.hostId)} most={1} />,
      },
      {
        id: 'cpu',
        header: t('cpu'),
        meta: { track: '6.25rem', from: 820, align: 'right', sort: 'cpu' },
        cell: ({ row: { original } }) =>
          typeof original.usage?.cpuCores !== 'number' ? <None /> : <Cores cores={original.usage.cpuCores} />,
      },
      {
        id: 'memory',
        header: t('memory'),
        meta: { track: '7rem', from: 640, align: 'right', sort: 'memory' },
        cell: ({ row: { original } }) => (original.usage ? <Bytes bytes={original.usage.memoryBytes} /> : <None />),
      },
      {
        id: 'host',
        header: t('host'),
        meta: { track: 'minmax(9rem, 1.1fr)', from: 900, sort: 'host' },
        cell: ({ row: { original } }) => (
          <span className="text-muted">
            {original.hostName}{' '}
            <span className="text-faint">
              <EngineName of={original} />
            </span>
          </span>
        ),
      },
      {
        id: 'created',
        header: t('created'),
        meta: { track: '7rem', from: 1060, align: 'right', sort: 'created' },
        cell: ({ row: { original } }) => <Ago at={original.createdAt} className="text-muted" />,
      },
    ],
    [t, isHere],
  )
}

function None() {
  return (
    <span aria-hidden className="text-faint">
      –
    </span>
  )
}

/** How old the last word of a host that is away is. */
function Age({ at }: { at: string }) {
  return (
    <span className="ml-2 text-xs text-unknown">
      <Ago at={at} />
    </span>
  )
}

/** Makes the rows of a phone, for all of which it is asked once whose host is the control plane's own machine. */
export function useContainerLine(): (container: FleetContainer) => ReactNode {
  const isHere = useIsHere()
  return useCallback(
    (container: FleetContainer) => <ContainerLine container={container} isHere={isHere(container.hostId)} />,
    [isHere],
  )
}

/** A row on a phone: who and how in the first line, what and where in the second. */
function ContainerLine({ container, isHere }: { container: FleetContainer; isHere: boolean }) {
  return (
    <span className="grid grid-cols-[minmax(0,1fr)] gap-0.5">
      <span className="flex items-center justify-between gap-3">
        <Link
          href={`/containers/${encodeURIComponent(container.id)}`}
          tabIndex={-1}
          prefetch={false}
          className="truncate font-mono text-sm font-medium"
        >
          {container.name}
        </Link>
        <span className="shrink-0 text-xs">
          <ContainerStateWord container={container} />
          {container.stale ? <Age at={container.observedAt} /> : null}
        </span>
      </span>
      <span className="flex items-center justify-between gap-3 text-xs text-muted">
        <span className="min-w-0 flex-1 truncate font-mono">{shortReference(container.image)}</span>
        {container.ports.length === 0 ? null : (
          <span className="max-w-1/2 shrink-0 **:leading-4">
            <Ports ports={container.ports} isHere={isHere} most={1} />
          </span>
        )}
        <span className="shrink-0">
          {container.usage ? <Bytes bytes={container.usage.memoryBytes} /> : container.hostName}
        </span>
      </span>
    </span>
  )
}
