'use client'

import { useQuery } from '@tanstack/react-query'
import Link from 'next/link'
import { foundIn, useNounQueries } from '../data/noun-queries.ts'
import { addressOf } from '../navigation/addresses.ts'
import type { NounName, NounRow } from '../navigation/nouns.ts'

const looked = 50

/** Leads to what an engine calls so, by its own id or name; a plain word where the reader sees no such thing. */
export function NativeLink(props: {
  noun: NounName
  of: { hostId: string; engine: string }
  /** The engine's id, or the name. */
  reference: string
  text: string
}) {
  const { noun, reference, text } = props
  const { hostId, engine } = props.of
  const query = useQuery({
    ...useNounQueries(noun).list.queryOptions({ hostId, search: reference, limit: looked }),
    select: (answer) => foundIn(answer).items as readonly (NounRow & { nativeId?: string; engine?: string })[],
  })
  const row = query.data?.find(
    (each) => each.engine === engine && (each.nativeId === reference || each.name === reference),
  )
  const style = 'font-mono text-xs break-all'
  if (row === undefined) return <span className={style}>{text}</span>
  return (
    <Link
      href={addressOf({ name: noun }, row.id)}
      prefetch={false}
      className={`${style} rounded-sm underline decoration-line-strong underline-offset-2 hover:decoration-current focus-visible:outline-2 focus-visible:outline-accent`}
    >
      {text}
    </Link>
  )
}
