import { CopyButton, Note, Skeleton } from '@flotilla/ui'
import type { ReactNode } from 'react'
import { useTranslations } from 'use-intl'

/** What a thing is called and marked with, what can be done to it, and why its host says nothing of it now. */
export function DetailHeader(props: {
  title: string
  /** Where the title is a short one, the whole. */
  name?: string
  marks?: ReactNode
  /** Buttons of its verbs. */
  actions: ReactNode
  away: string | null
}) {
  const common = useTranslations('common')
  const name = props.name ?? props.title
  return (
    <>
      <header className="flex flex-wrap items-center gap-x-4 gap-y-2 px-4 pt-3 pb-2">
        <div className="flex min-w-0 flex-1 basis-60 items-center gap-1.5">
          <h2 className="truncate font-mono text-lg font-semibold" title={name}>
            {props.title}
          </h2>
          <CopyButton
            text={name}
            label={common('copyName')}
            copiedLabel={common('copied')}
            failedLabel={common('copyFailed')}
          />
          {props.marks === undefined ? null : <span className="flex shrink-0 gap-1">{props.marks}</span>}
        </div>
        <div className="flex flex-wrap gap-2">{props.actions}</div>
      </header>
      {props.away === null ? null : (
        <Note tone="warn" className="mx-4 mb-3">
          {props.away}
        </Note>
      )}
    </>
  )
}

/** In the shape of such a page: its header, its tabs, two panels. */
export function DetailSkeleton() {
  return (
    <div aria-busy="true">
      <div className="px-4 pt-3 pb-2">
        <Skeleton className="h-8 w-72" />
      </div>
      <div className="h-10 border-b border-line" />
      <div className="grid gap-4 p-4 lg:grid-cols-2">
        <Skeleton className="h-56" />
        <Skeleton className="h-56" />
      </div>
    </div>
  )
}
