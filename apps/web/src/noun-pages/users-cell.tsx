'use client'

import Link from 'next/link'
import type { NounKind } from '../navigation/nouns.ts'

/** How many containers use a row's object, which leads to the list of them; `by` is the filter of that list. */
export function UsersCell({
  row: { containerCount, hostId, engine },
  by,
  called,
  label,
}: {
  row: { containerCount: number; hostId: string; engine: string }
  by: NounKind
  called: string
  label: string
}) {
  if (containerCount === 0) return <span className="text-faint tabular-nums">0</span>
  return (
    <Link
      href={`/containers?${new URLSearchParams({ [by]: called, host: hostId, engine }).toString()}`}
      prefetch={false}
      tabIndex={-1}
      title={label}
      className="tabular-nums hover:underline"
    >
      {containerCount}
    </Link>
  )
}
