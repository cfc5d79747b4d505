'use client'

import { TabLinks } from '@flotilla/ui'
import Link from 'next/link'
import { useEffect, type ReactNode } from 'react'
import { TabPart } from '../data/part.tsx'
import { isTyping } from '../navigation/typing.ts'
import { useUrlState, type Changes } from '../navigation/url-state.ts'

/**
 * The views of one thing, kept in the address (`tab`); the first is there without a word, and a digit goes to each. `own` are the
 * parameters of single views: they stay with theirs, for a filter of the logs means nothing to the terminal.
 */
export function DetailTabs<Tab extends string>(props: {
  label: string
  tabs: readonly { name: Tab; title: string }[]
  own: readonly string[]
  children: (tab: Tab) => ReactNode
}) {
  const { tabs, own } = props
  const { get, go, href } = useUrlState()
  const [first] = tabs
  const current = tabs.find((tab) => tab.name === get('tab')) ?? first
  const changesTo = (name: string): Changes => ({
    ...Object.fromEntries(own.map((each) => [each, null])),
    tab: name === first?.name ? null : name,
  })
  useDigits((index) => {
    const tab = tabs[index]
    if (tab) go(changesTo(tab.name))
    return tab !== undefined
  })
  if (current === undefined) return null
  return (
    <>
      <TabLinks
        label={props.label}
        tabs={tabs}
        current={current.name}
        render={(tab, attributes) => (
          <Link
            key={tab.name}
            href={href(changesTo(tab.name))}
            prefetch={false}
            onNavigate={(event) => {
              event.preventDefault() // the page is here already
              go(changesTo(tab.name))
            }}
            {...attributes}
          >
            {tab.title}
          </Link>
        )}
      />
      <div className="flex min-h-0 flex-1 flex-col">
        <TabPart key={current.name}>{props.children(current.name)}</TabPart>
      </div>
    </>
  )
}

/** Calls `pick` with 0 for the key 1 and so on; the key is taken where it says true. */
function useDigits(pick: (index: number) => boolean): void {
  useEffect(() => {
    const press = (event: KeyboardEvent) => {
      if (event.ctrlKey || event.metaKey || event.altKey || event.defaultPrevented || isTyping(event.target)) return
      if (!/^[1-9]$/.test(event.key) || document.querySelector('[role="dialog"],[role="menu"]')) return
      if (pick(Number(event.key) - 1)) event.preventDefault()
    }
    window.addEventListener('keydown', press)
    return () => window.removeEventListener('keydown', press)
  })
}
