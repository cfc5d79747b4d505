'use client'

import { cn, Input } from '@flotilla/ui'
import { useId, useState, type ComponentProps, type KeyboardEvent, type ReactNode } from 'react'

interface Suggestion {
  key: string
  value: string
  aside?: ReactNode
}

type Props = Omit<ComponentProps<'input'>, 'value' | 'onChange' | 'list'> & {
  value: string
  onChange: (value: string) => void
  /** What fits the value, best first. */
  suggestions: readonly Suggestion[]
  /** What the suggestions are. */
  listLabel: string
  /** Shows what there is before anything is typed. */
  opensOnClick?: boolean
  boxClassName?: string
}

/** A box for a text that may be chosen from what is known as well: typed to narrow it, with arrows or a pointer. */
export function Combobox({
  value,
  onChange,
  suggestions,
  listLabel,
  opensOnClick = false,
  boxClassName,
  ...input
}: Props) {
  const [open, setOpen] = useState(false)
  // By its key, since the list may change below the cursor.
  const [activeKey, setActiveKey] = useState<string | null>(null)
  const active = suggestions.findIndex(({ key }) => key === activeKey)
  const list = useId()
  const opened = open && suggestions.length > 0
  const close = () => {
    setOpen(false)
    setActiveKey(null)
  }
  const choose = (suggestion: Suggestion) => {
    onChange(suggestion.value)
    close()
  }
  const press = (event: KeyboardEvent<HTMLInputElement>) => {
    if (event.key === 'ArrowDown' || event.key === 'ArrowUp') {
      event.preventDefault()
      setOpen(true)
      const step = event.key === 'ArrowDown' ? 1 : -1
      setActiveKey(suggestions[next(active, step, suggestions.length)]?.key ?? null)
    } else if (event.key === 'Escape' && opened) {
      event.preventDefault()
      close()
    } else if (event.key === 'Enter' && opened) {
      const suggestion = suggestions[active]
      if (suggestion === undefined) return
      event.preventDefault()
      choose(suggestion)
    }
  }
  return (
    <div className={cn('relative', boxClassName)}>
      <Input
        autoComplete="off"
        autoCapitalize="off"
        spellCheck={false}
        {...input}
        role="combobox"
        aria-expanded={opened}
        aria-controls={list}
        aria-autocomplete="list"
        aria-activedescendant={opened && active >= 0 ? `${list}-${active}` : undefined}
        value={value}
        onChange={(event) => {
          onChange(event.target.value)
          setOpen(opensOnClick || event.target.value.trim() !== '')
          setActiveKey(null)
        }}
        {...(opensOnClick ? { onClick: () => setOpen(true) } : {})}
        onKeyDown={press}
        onBlur={() => setOpen(false)}
      />
      <SuggestionList
        id={list}
        label={listLabel}
        suggestions={suggestions}
        active={active}
        opened={opened}
        onChoose={choose}
      />
    </div>
  )
}

function SuggestionList(props: {
  id: string
  label: string
  suggestions: readonly Suggestion[]
  active: number
  opened: boolean
  onChoose: (suggestion: Suggestion) => void
}) {
  return (
    <ul
      id={props.id}
      role="listbox"
      aria-label={props.label}
      hidden={!props.opened}
      className="absolute inset-x-0 top-full z-20 mt-1 max-h-80 min-w-72 sm:min-w-96 overflow-y-auto rounded-md border border-line-strong bg-overlay p-1 shadow-float"
    >
      {props.suggestions.map((suggestion, index) => (
        <li
          key={suggestion.key}
          id={`${props.id}-${index}`}
          role="option"
          aria-selected={index === props.active}
          className={cn(
            'flex h-8 cursor-default items-center justify-between gap-4 rounded-sm px-2 text-sm max-sm:h-10',
            index === props.active ? 'bg-raised' : 'hover:bg-raised/60',
          )}
          onPointerDown={(event) => {
            event.preventDefault()
            props.onChoose(suggestion)
          }}
        >
          <span className="truncate font-mono text-xs">{suggestion.value}</span>
          {suggestion.aside}
        </li>
      ))}
    </ul>
  )
}

/** The place one step on in a list of so many, round its ends; -1 is before it. */
function next(active: number, step: 1 | -1, count: number): number {
  if (count === 0) return -1
  return (active + step + count + (active < 0 && step < 0 ? 1 : 0)) % count
}
