'use client'

import { Menu, MenuItem } from '@flotilla/ui'
import { useQuery } from '@tanstack/react-query'
import { ChevronDown } from 'lucide-react'
import Link from 'next/link'
import { usePathname } from 'next/navigation'
import { useTranslations } from 'use-intl'
import { useGo } from '../navigation/leave-guard.ts'
import { foundIn, useNounQueries, type Found } from '../data/noun-queries.ts'
import { addressOf, idOf, listAddress } from '../navigation/addresses.ts'
import { nouns, titleOf, type Noun } from '../navigation/nouns.ts'
import { isWithin, places } from '../navigation/places.ts'
import { inScope } from '../navigation/scope.ts'

const mostSiblings = 50

/** Where one is. The last part opens a menu of its siblings. */
export function Breadcrumb() {
  const t = useTranslations('places')
  const frame = useTranslations('frame')
  const pathname = usePathname()
  const place = places.find((each) => isWithin(each, pathname))
  const noun = nouns.find((each) => each.name === place?.name)
  const id = idOf(pathname)
  if (!place) return null
  return (
    <nav aria-label={frame('where')} className="flex min-w-0 items-center gap-1.5 text-sm">
      {id === '' || noun === undefined ? (
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
          {pathname === noun.begin?.href ? <BeginCrumb noun={noun} /> : <Crumb noun={noun} id={id} />}
        </>
      )}
    </nav>
  )
}

function BeginCrumb({ noun }: { noun: Noun }) {
  const t = useTranslations('palette.begin')
  return <h1 className="truncate font-semibold">{t(noun.name)}</h1>
}

function Crumb({ noun, id }: { noun: Noun; id: string }) {
  const queries = useNounQueries(noun.name)
  const one = useQuery(queries.inspect.queryOptions({ id })).data
  const among = noun.isScoped ? one?.hostId : ''
  const siblings = useQuery({
    ...queries.list.queryOptions(among ? { hostId: among, limit: mostSiblings } : {}),
    enabled: noun.hasSiblings && among !== undefined,
  })
  return (
    <>
      <h1 className="truncate font-mono text-sm font-semibold">{one ? titleOf(noun, one) : id.slice(0, 12)}</h1>
      <Siblings
        noun={noun}
        found={foundIn(siblings.data)}
        all={among ? inScope(listAddress(noun), among) : listAddress(noun)}
      />
    </>
  )
}

/** Goes to another one; `all` is where they are listed, if there are more than shown. */
function Siblings({ noun, found, all }: { noun: Noun; found: Found; all: string }) {
  const t = useTranslations('frame')
  const go = useGo()
  if (found.items.length < 2) return null
  return (
    <Menu
      trigger={
        <button
          type="button"
          aria-label={t('siblings')}
          className="flex size-6 shrink-0 items-center justify-center rounded-sm text-faint hover:bg-raised hover:text-fg focus-visible:outline-2 focus-visible:outline-accent"
        >
          <ChevronDown className="size-4" />
        </button>
      }
    >
      {found.items.map((sibling) => (
        <MenuItem key={sibling.id} onSelect={() => go(addressOf(noun, sibling.id))} className="font-mono">
          {titleOf(noun, sibling)}
        </MenuItem>
      ))}
      {found.total > found.items.length ? (
        <MenuItem onSelect={() => go(all)}>{t('allSiblings', { count: found.total })}</MenuItem>
      ) : null}
    </Menu>
  )
}
