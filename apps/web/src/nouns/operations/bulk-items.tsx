'use client'

import type { OperationItem } from '@flotilla/protocol'
import { Skeleton, StateDot, type Tone } from '@flotilla/ui'
import { useQuery } from '@tanstack/react-query'
import { useVirtualizer } from '@tanstack/react-virtual'
import Link from 'next/link'
import { useMemo, useRef } from 'react'
import { useTranslations } from 'use-intl'
import { ErrorNote, ErrorText } from '../../data/error-note.tsx'
import { useTrpc } from '../../data/trpc.ts'
import { shortReference } from '../../format/image-reference.ts'
import { addressOf } from '../../navigation/addresses.ts'
import { nouns } from '../../navigation/nouns.ts'
import { setActivity } from './activity-store.ts'
import type { BulkOperation } from './bulk.ts'

const refreshMs = 1000
const lineHeight = 28
const overscan = 8

const tones: Record<OperationItem['state'], Tone> = {
  waiting: 'idle',
  running: 'busy',
  succeeded: 'ok',
  failed: 'bad',
  cancelled: 'idle',
  'not-started': 'idle',
}

/** Each thing of a change of many with what became of it, failures first; as the control plane has it, so also after a reload. */
export function BulkItems({ operation }: { operation: BulkOperation }) {
  const t = useTranslations('bulk')
  const trpc = useTrpc()
  const query = useQuery(
    trpc.operations.platform.inspect.queryOptions(
      { id: operation.id },
      { refetchInterval: ({ state }) => (state.data?.state === 'running' ? refreshMs : false) },
    ),
  )
  const items = useMemo(() => failuresFirst(query.data?.items ?? []), [query.data])
  if (query.isPending) return <Skeleton className="mt-2 h-20" />
  if (query.isError && query.data === undefined) {
    return (
      <ErrorNote className="mt-2" error={query.error} title={t('itemsFailed')} onRetry={() => void query.refetch()} />
    )
  }
  return <Items items={items} method={operation.method} />
}

function Items({ items, method }: { items: readonly OperationItem[]; method: string }) {
  const t = useTranslations('bulk')
  const scroller = useRef<HTMLDivElement>(null)
  const virtual = useVirtualizer<HTMLDivElement, HTMLLIElement>({
    count: items.length,
    getScrollElement: () => scroller.current,
    getItemKey: (index) => items[index]?.key ?? index,
    estimateSize: () => lineHeight,
    overscan,
  })
  return (
    <div
      ref={scroller}
      tabIndex={0}
      className="mt-2 max-h-72 overflow-y-auto border-l border-line focus-visible:outline-2 focus-visible:outline-accent"
    >
      <ul aria-label={t('items')} className="relative" style={{ height: virtual.getTotalSize() }}>
        {virtual.getVirtualItems().map(({ key, index, start }) => {
          const item = items[index]
          return item === undefined ? null : (
            <li
              key={key}
              ref={virtual.measureElement}
              data-index={index}
              aria-setsize={items.length}
              aria-posinset={index + 1}
              className="absolute inset-x-0 top-0 min-h-7 py-1 pr-1 pl-3 text-xs"
              style={{ transform: `translateY(${start}px)` }}
            >
              <ItemLine item={item} href={hrefOf(item, method)} />
            </li>
          )
        })}
      </ul>
    </div>
  )
}

function ItemLine({ item, href }: { item: OperationItem; href: string | null }) {
  const t = useTranslations('bulk')
  const name = shortReference(item.target)
  return (
    <>
      <span className="flex items-center gap-2">
        <StateDot tone={tones[item.state]} className="size-2" />
        <span className="min-w-0 truncate font-mono" title={item.target}>
          {href === null ? (
            name
          ) : (
            <Link href={href} prefetch={false} className="hover:underline" onClick={() => setActivity(false)}>
              {name}
            </Link>
          )}
        </span>
        {item.hostName === null ? null : <span className="min-w-0 truncate text-faint">{item.hostName}</span>}
        <span className="ml-auto shrink-0 text-muted">{t(`itemStates.${item.state}`)}</span>
      </span>
      {item.error === null ? null : (
        <span className="block pl-4 break-words text-bad">
          <ErrorText error={item.error} /> <Users of={item.error.objects ?? []} />
        </span>
      )}
    </>
  )
}

/** What a failure is about, such as who uses a thing: whoever sees them gets there. */
function Users({ of }: { of: NonNullable<NonNullable<OperationItem['error']>['objects']> }) {
  return of.map(({ kind, id, name }) => {
    const noun = nouns.find((each) => each.kind === kind)
    return noun === undefined ? null : (
      <Link
        key={id}
        href={addressOf(noun, id)}
        prefetch={false}
        className="mr-2 font-mono underline"
        onClick={() => setActivity(false)}
      >
        {name ?? id.slice(0, 12)}
      </Link>
    )
  })
}

/** In the order in which they were named. */
function failuresFirst(items: readonly OperationItem[]): OperationItem[] {
  const failed = items.filter(({ state }) => state === 'failed')
  return [...failed, ...items.filter(({ state }) => state !== 'failed')]
}

/** The page of what an item is about; null where there is none, or none any more. What is made on a host has the host's. */
function hrefOf({ key, hostId, state }: OperationItem, method: string): string | null {
  const [plural, verb] = method.split('.')
  if (hostId === null || (verb === 'remove' && state === 'succeeded')) return null
  const name = key === hostId ? 'hosts' : plural
  const noun = nouns.find((each) => each.name === name)
  return noun === undefined ? null : addressOf(noun, key)
}
