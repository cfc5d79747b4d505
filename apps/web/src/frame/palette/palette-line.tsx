'use client'

import { Kbd } from '@flotilla/ui'
import { Command } from '@flotilla/ui/command'
import type { ReactNode } from 'react'
import { flushSync } from 'react-dom'
import { useGo } from '../../navigation/leave-guard.ts'
import { setPalette } from '../palette-store.ts'

const group =
  '[&_[cmdk-group-heading]]:px-2.5 [&_[cmdk-group-heading]]:pt-2 [&_[cmdk-group-heading]]:pb-1 [&_[cmdk-group-heading]]:text-xs [&_[cmdk-group-heading]]:text-faint'

export function PaletteGroup({ heading, children }: { heading: string; children: ReactNode }) {
  return (
    <Command.Group heading={heading} className={group}>
      {children}
    </Command.Group>
  )
}

/** One thing to choose: it closes the palette and then goes somewhere or does something. `value` is what typing finds it by. */
export function PaletteLine(props: {
  value?: string
  icon: ReactNode
  label: string
  keys?: readonly string[]
  href?: string
  onSelect?: () => void
}) {
  const go = useGo()
  const { href, onSelect, keys = [] } = props
  const select = () => {
    flushSync(() => setPalette(false)) // so that what opens next gives the focus back to where it was before
    if (href !== undefined) go(href)
    onSelect?.()
  }
  return (
    <Command.Item
      value={props.value ?? props.label}
      onSelect={select}
      className="flex h-9 cursor-default items-center gap-2.5 rounded-md px-2.5 text-sm data-[selected=true]:bg-raised [&_svg]:shrink-0 [&_svg.lucide]:size-4 [&_svg.lucide]:text-muted"
    >
      <span className="flex size-4 shrink-0 items-center justify-center">{props.icon}</span>
      <span className="min-w-0 truncate">{props.label}</span>
      <span className="ml-auto flex gap-1">
        {keys.map((key) => (
          <Kbd key={key}>{key}</Kbd>
        ))}
      </span>
    </Command.Item>
  )
}
