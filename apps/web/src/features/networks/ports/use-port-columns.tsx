'use client'

import type { PortMapping } from '@flotilla/protocol'
import { cn, StateWord } from '@flotilla/ui'
import type { ColumnDef } from '@tanstack/react-table'
import Link from 'next/link'
import { useMemo } from 'react'
import { useTranslations } from 'use-intl'
import { ContainerStateWord } from '../../../nouns/containers/container-state-word.tsx'
import type { PortRow, Rival } from './port-rows.ts'
import { ReachWord } from './reach-word.tsx'

/** The columns of the published ports, from the most to the least needed. */
export function usePortColumns(): ColumnDef<PortRow>[] {
  const t = useTranslations('ports')
  return useMemo(
    () => [
      {
        id: 'port',
        header: t('columns.port'),
        meta: { track: '5.5rem', align: 'right', sort: 'port' },
        cell: ({ row: { original } }) => <HostPort port={original.port} />,
      },
      {
        id: 'address',
        header: t('columns.address'),
        meta: { track: 'minmax(7rem, 1fr)', from: 900, sort: 'address' },
        cell: ({ row: { original } }) => <Address port={original.port} />,
      },
      {
        id: 'target',
        header: t('columns.target'),
        meta: { track: '5.5rem', from: 560 },
        cell: ({ row: { original } }) => (
          <span className="font-mono text-xs text-muted">
            {original.program === null ? `${original.port.containerPort}/` : ''}
            {original.port.protocol}
          </span>
        ),
      },
      {
        id: 'container',
        header: t('columns.container'),
        meta: { track: 'minmax(9rem, 2.4fr)', sort: 'container' },
        cell: ({ row: { original } }) => (
          <span className="flex min-w-0 items-center gap-3">
            <span className="truncate">
              <Owner row={original} />
            </span>
            <Conflict row={original} />
          </span>
        ),
      },
      {
        id: 'state',
        header: t('columns.state'),
        meta: { track: 'minmax(7rem, 0.8fr)', from: 640 },
        cell: ({
          row: {
            original: { container },
          },
        }) => (container === null ? <None /> : <ContainerStateWord container={container} />),
      },
      {
        id: 'reach',
        header: t('columns.reach'),
        meta: { track: 'minmax(8rem, 1.2fr)', from: 480 },
        cell: ({ row: { original } }) => (isAsked(original) ? <ReachWord row={original} /> : <None />),
      },
      {
        id: 'host',
        header: t('columns.host'),
        meta: { track: 'minmax(7rem, 1fr)', from: 760, sort: 'host' },
        cell: ({ row: { original } }) => <span className="text-muted">{original.hostName}</span>,
      },
    ],
    [t],
  )
}

/** Whether its host has said who reaches it, or that it will not. */
function isAsked({ reach }: PortRow): boolean {
  return reach !== undefined && reach?.length !== 0
}

function None() {
  return (
    <span aria-hidden className="text-faint">
      –
    </span>
  )
}

function HostPort({ port }: { port: PortMapping }) {
  const t = useTranslations('ports')
  if (port.hostPort === 0) return <span className="text-faint">{t('atStart')}</span>
  return <span className="font-mono text-xs font-medium tabular-nums">{port.hostPort}</span>
}

function Address({ port }: { port: PortMapping }) {
  const t = useTranslations('ports')
  const every = { '': 'all', '0.0.0.0': 'allOf4', '::': 'allOf6' } as const
  const word = every[port.hostIp as keyof typeof every] as (typeof every)[keyof typeof every] | undefined
  if (word !== undefined) return <span className="text-muted">{t(word)}</span>
  return <span className="font-mono text-xs">{port.hostIp}</span>
}

/** The container, and the program where no container has published the port. */
function Owner({ row: { container, program } }: { row: PortRow }) {
  const t = useTranslations('ports')
  return (
    <>
      {container === null ? null : (
        <Link
          href={`/containers/${encodeURIComponent(container.id)}`}
          tabIndex={-1}
          prefetch={false}
          className="font-mono text-xs font-medium hover:underline"
        >
          {container.name}
        </Link>
      )}
      {program === null ? null : (
        <span
          className="text-xs text-muted"
          title={program.pid === null ? undefined : t('process', { pid: String(program.pid) })}
        >
          {container === null ? null : ' '}
          {program.name === '' ? t('heldBySomebody') : t('heldBy', { program: program.name })}
        </span>
      )}
    </>
  )
}

function Conflict({ row }: { row: PortRow }) {
  const t = useTranslations('ports')
  if (row.conflicts.length === 0) return null
  const nameOf = ({ name, isProgram }: Rival) => {
    if (!isProgram) return name
    return name === '' ? t('someProgram') : t('program', { program: name })
  }
  return (
    <span className="min-w-0 shrink-0 text-xs text-warn" title={t('conflictHint')}>
      <StateWord tone="warn">{t('conflict', { names: row.conflicts.map(nameOf).join(', ') })}</StateWord>
    </span>
  )
}

/** A row on a phone: port and owner in the first line; address or conflict, who reaches it and the host in the second. */
export function PortLine({ row }: { row: PortRow }) {
  const t = useTranslations('ports.columns')
  return (
    <span className="grid grid-cols-[minmax(0,1fr)] gap-0.5">
      <span className="flex items-center justify-between gap-3">
        <span className="truncate font-mono text-sm">
          <HostPort port={row.port} />
          <span className="text-faint"> → </span>
          {row.program === null ? row.container?.name : <Owner row={row} />}
          <span className={cn('text-faint', row.program === null || 'text-xs')}>
            {row.program === null ? `:${row.port.containerPort}/` : ' '}
            {row.port.protocol}
          </span>
        </span>
        <span className="shrink-0 text-xs">
          {row.container === null ? null : <ContainerStateWord container={row.container} />}
        </span>
      </span>
      <span className="flex items-center justify-between gap-3 text-xs text-muted">
        <span className="flex min-w-0 items-center gap-3 truncate">
          {row.conflicts.length > 0 ? <Conflict row={row} /> : <Address port={row.port} />}
          {isAsked(row) ? (
            <span className="flex min-w-0 items-center gap-1.5">
              <span className="shrink-0 text-faint">{t('reach')}</span> <ReachWord row={row} />
            </span>
          ) : null}
        </span>
        <span className="shrink-0">{row.hostName}</span>
      </span>
    </span>
  )
}
