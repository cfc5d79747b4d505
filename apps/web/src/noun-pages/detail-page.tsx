'use client'

import { Button, Empty } from '@flotilla/ui'
import Link from 'next/link'
import { usePathname, useRouter } from 'next/navigation'
import { Fragment, useEffect, type ReactNode } from 'react'
import { useTranslations } from 'use-intl'
import { ErrorNote } from '../data/error-note.tsx'
import { errorCode } from '../data/error.ts'
import { addressOf, idOf, listAddress } from '../navigation/addresses.ts'
import { titleOf, type Noun, type NounRow } from '../navigation/nouns.ts'
import { useTitle } from '../navigation/use-title.ts'

/** The id that the page's address names; it may be a name as well. For the query of a detail page. */
export function useIdHere(): string {
  return idOf(usePathname())
}

/**
 * The page of one thing: its name in the browser's tab, its states before there is something to show, and what `children` makes of
 * it. The texts are those of the noun's own messages: `goneTitle`, `goneText`, `toList`, `failed`.
 */
export function DetailPage<Row extends NounRow>(props: {
  noun: Noun
  query: { data: Row | undefined; error: unknown; isError: boolean; refetch: () => Promise<unknown> }
  /** In the shape of what comes. */
  skeleton: ReactNode
  children: (row: Row) => ReactNode
}) {
  const t = useTranslations(props.noun.name)
  const { noun, query } = props
  useTitle(query.data && titleOf(noun, query.data))
  useOwnAddress(noun, query.data?.id)
  if (query.isError && errorCode(query.error) === 'NOT_FOUND') return <Gone noun={noun} />
  if (query.data) return <Fragment key={query.data.id}>{props.children(query.data)}</Fragment>
  if (query.isError)
    return <ErrorNote className="m-4" title={t('failed')} error={query.error} onRetry={() => void query.refetch()} />
  return props.skeleton
}

function Gone({ noun }: { noun: Noun }) {
  const t = useTranslations(noun.name)
  return (
    <Empty
      icon={<noun.icon />}
      title={t('goneTitle')}
      action={
        <Button asChild>
          <Link href={listAddress(noun)}>{t('toList')}</Link>
        </Button>
      }
    >
      {t('goneText')}
    </Empty>
  )
}

/** Changes are told by id: whoever came by a name or a native id goes on to the page's own address. */
function useOwnAddress(noun: Noun, known: string | undefined): void {
  const router = useRouter()
  const id = useIdHere()
  useEffect(() => {
    if (known !== undefined && known !== id) router.replace(`${addressOf(noun, known)}${window.location.search}`)
  }, [noun, known, id, router])
}
