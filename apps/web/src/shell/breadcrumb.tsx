'use client'

import { Menu, MenuItem } from '@flotilla/ui'
import { useQuery } from '@tanstack/react-query'
import { ChevronDown } from 'lucide-react'
import Link from 'next/link'
import { usePathname, useRouter } from 'next/navigation'
import { useTranslations } from 'use-intl'
import { shortReference } from '../features/images/reference.ts'
import { useTrpc } from '../data/trpc.ts'
import { idOf, isWithin, places } from './navigation.ts'

interface Sibling {
  id: string
  name: string
}

/** Where one is. The last part opens a menu of its siblings. */
export function Breadcrumb() {
  const t = useTranslations('places')
  const shell = useTranslations('shell')
  const pathname = usePathname()
  const place = places.find((each) => isWithin(each, pathname))
  const id = idOf(pathname)
  if (!place) return null
  return (
    <nav aria-label={shell('where')} className="flex min-w-0 items-center gap-1.5 text-sm">
      {id === '' ? (
        <h1 className="truncate font-semibold">{t(place.name)}</h1>
      ) : (
        <>
          <Link
            href={place.href}
            className="rounded-sm text-muted hover:text-fg focus-visible:outline-2 focus-visible:outline-accent max-sm:hidden"
          >
            {t(place.name)}
          </Link>
          <span aria-hidden className="text-faint max-sm:hidden">
            /
          </span>
          {place.name === 'containers' && id === 'new' ? (
            <h1 className="truncate font-semibold">{shell('runContainer')}</h1>
          ) : null}
          {place.name === 'containers' && id !== 'new' ? <ContainerCrumb id={id} /> : null}
          {place.name === 'images' ? <ImageCrumb id={id} /> : null}
          {place.name === 'hosts' ? <HostCrumb id={id} /> : null}
        </>
      )}
    </nav>
  )
}

function ContainerCrumb({ id }: { id: string }) {
  const trpc = useTrpc()
  const detail = useQuery(trpc.containers.inspect.queryOptions({ id }))
  const hostId = detail.data?.hostId
  const siblings = useQuery(
    trpc.containers.list.queryOptions({ ...(hostId ? { hostId } : {}), limit: 50 }, { enabled: hostId !== undefined }),
  )
  return (
    <Crumb
      base="/containers"
      id={id}
      name={detail.data?.name}
      siblings={siblings.data?.items ?? []}
      all={{ href: `/containers?host=${encodeURIComponent(hostId ?? '')}`, count: siblings.data?.total ?? 0 }}
    />
  )
}

function ImageCrumb({ id }: { id: string }) {
  const trpc = useTrpc()
  const detail = useQuery(trpc.images.inspect.queryOptions({ id }))
  const reference = detail.data?.references[0]
  return (
    <Crumb
      base="/images"
      id={id}
      name={reference ? shortReference(reference) : detail.data?.imageId.slice(0, 19)}
      siblings={[]}
    />
  )
}

function HostCrumb({ id }: { id: string }) {
  const trpc = useTrpc()
  const hosts = useQuery(trpc.hosts.list.queryOptions({})).data ?? []
  return <Crumb base="/hosts" id={id} name={hosts.find((host) => host.id === id)?.name} siblings={hosts} />
}

function Crumb({
  base,
  id,
  name,
  siblings,
  all,
}: {
  base: string
  id: string
  name: string | undefined
  siblings: readonly Sibling[]
  /** Where all of them are listed, if there may be more. */
  all?: { href: string; count: number }
}) {
  const shell = useTranslations('shell')
  const router = useRouter()
  const title = <h1 className="truncate font-mono text-sm font-semibold">{name ?? id.slice(0, 12)}</h1>
  if (siblings.length < 2) return title
  return (
    <>
      {title}
      <Menu
        trigger={
          <button
            type="button"
            aria-label={shell('siblings')}
            className="flex size-6 shrink-0 items-center justify-center rounded-sm text-faint hover:bg-raised hover:text-fg focus-visible:outline-2 focus-visible:outline-accent"
          >
            <ChevronDown className="size-4" />
          </button>
        }
      >
        {siblings.map((sibling) => (
          <MenuItem
            key={sibling.id}
            onSelect={() => router.push(`${base}/${encodeURIComponent(sibling.id)}`)}
            className="font-mono"
          >
            {sibling.name}
          </MenuItem>
        ))}
        {all !== undefined && all.count > siblings.length ? (
          <MenuItem onSelect={() => router.push(all.href)}>{shell('allSiblings', { count: all.count })}</MenuItem>
        ) : null}
      </Menu>
    </>
  )
}
