'use client'

import { Input, Kbd, SearchSign } from '@flotilla/ui'
import { useEffect, useEffectEvent, useRef, useState } from 'react'
import { isTyping } from '../navigation/typing.ts'

const settleMs = 200

/** The list's full-text box: `/` puts the cursor into it, Escape leaves it. The value goes out when typing rests. */
export function SearchBox({
  value,
  label,
  onChange,
}: {
  value: string
  label: string
  onChange: (value: string) => void
}) {
  const input = useRef<HTMLInputElement>(null)
  const [text, setText] = useState(value)
  const [sent, setSent] = useState(value)
  if (value !== sent) {
    setSent(value)
    if (document.activeElement !== input.current) setText(value)
  }
  // The page around may be drawn more often than typing rests.
  const send = useEffectEvent(onChange)
  useEffect(() => {
    if (text === sent) return
    const timer = setTimeout(() => send(text), settleMs)
    return () => clearTimeout(timer)
  }, [text, sent])
  useEffect(() => {
    const press = (event: KeyboardEvent) => {
      if (event.key !== '/' || event.ctrlKey || event.metaKey || isTyping(event.target)) return
      if (document.querySelector('[role="dialog"],[role="menu"]')) return
      event.preventDefault()
      input.current?.focus()
      input.current?.select()
    }
    window.addEventListener('keydown', press)
    return () => window.removeEventListener('keydown', press)
  }, [])
  return (
    <div className="relative min-w-40 flex-1 sm:max-w-72">
      <SearchSign />
      <Input
        ref={input}
        type="search"
        aria-label={label}
        aria-keyshortcuts="/"
        placeholder={label}
        value={text}
        onChange={(event) => setText(event.target.value)}
        onKeyDown={(event) => {
          if (event.key === 'Escape') {
            setText('')
            onChange('')
            input.current?.blur()
          }
          if (event.key === 'Enter' || event.key === 'ArrowDown') {
            onChange(text)
            document.querySelector<HTMLElement>('[role="grid"] [role="row"][tabindex="0"]')?.focus()
            event.preventDefault()
          }
        }}
        className="pr-8 pl-8 [&::-webkit-search-cancel-button]:hidden"
      />
      <span className="pointer-events-none absolute top-1.5 right-1.5 max-sm:hidden">
        <Kbd>/</Kbd>
      </span>
    </div>
  )
}
