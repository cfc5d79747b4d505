'use client'

import { Button, cn, Input, SearchSign } from '@flotilla/ui'
import { ChevronDown, ChevronUp, ListFilter, Regex } from 'lucide-react'
import { useEffect, type RefObject } from 'react'
import { useTranslations } from 'use-intl'
import { isTyping } from '../../../navigation/typing.ts'

interface Props {
  input: RefObject<HTMLInputElement | null>
  text: string
  onText: (text: string) => void
  isPattern: boolean
  onPattern: (isPattern: boolean) => void
  onlyMatches: boolean
  onOnlyMatches: (only: boolean) => void
  isInvalid: boolean
  /** One-based place of the current match, 0: none yet. */
  current: number
  matches: number
  onStep: (step: 1 | -1) => void
}

/** Looks for text or a pattern: `/` or Ctrl-F comes here, Enter and Shift-Enter go from match to match. */
export function LogFind(props: Props) {
  const t = useTranslations('container.logs')
  const { input } = props
  useEffect(() => {
    const press = (event: KeyboardEvent) => {
      const isFind = (event.ctrlKey || event.metaKey) && event.key === 'f' && !event.shiftKey
      const isSlash = event.key === '/' && !event.ctrlKey && !event.metaKey && !isTyping(event.target)
      if ((!isFind && !isSlash) || document.querySelector('[role="dialog"],[role="menu"]')) return
      event.preventDefault()
      input.current?.focus()
      input.current?.select()
    }
    window.addEventListener('keydown', press)
    return () => window.removeEventListener('keydown', press)
  }, [input])
  return (
    <div className="flex min-w-0 flex-1 items-center gap-1 max-sm:basis-full sm:max-w-112">
      <div className="relative min-w-0 flex-1">
        <SearchSign />
        <Input
          ref={input}
          type="search"
          aria-label={t('find')}
          aria-keyshortcuts="/ Control+F"
          aria-invalid={props.isInvalid || undefined}
          placeholder={t('find')}
          value={props.text}
          onChange={(event) => props.onText(event.target.value)}
          onKeyDown={(event) => {
            if (event.key === 'Escape') {
              props.onText('')
              input.current?.blur()
            } else if (event.key === 'Enter') {
              event.preventDefault()
              props.onStep(event.shiftKey ? 1 : -1)
            }
          }}
          className={cn(
            'pl-8 font-mono text-xs [&::-webkit-search-cancel-button]:hidden',
            props.text === '' ? 'pr-9' : 'pr-28',
          )}
        />
        <span className="absolute top-1/2 right-1 flex -translate-y-1/2 items-center gap-0.5">
          {props.text === '' ? null : (
            <span
              className={cn('px-1 text-xs tabular-nums', props.matches === 0 ? 'text-bad' : 'text-muted')}
              role="status"
            >
              {props.isInvalid ? t('badPattern') : t('matches', { current: props.current, count: props.matches })}
            </span>
          )}
          <Toggle label={t('pattern')} on={props.isPattern} onChange={props.onPattern}>
            <Regex />
          </Toggle>
        </span>
      </div>
      <Toggle label={t('onlyMatches')} on={props.onlyMatches} onChange={props.onOnlyMatches} size="icon">
        <ListFilter />
      </Toggle>
      <Button
        kind="ghost"
        size="icon"
        aria-label={t('previousMatch')}
        disabled={props.matches === 0}
        onClick={() => props.onStep(-1)}
      >
        <ChevronUp />
      </Button>
      <Button
        kind="ghost"
        size="icon"
        aria-label={t('nextMatch')}
        disabled={props.matches === 0}
        onClick={() => props.onStep(1)}
      >
        <ChevronDown />
      </Button>
    </div>
  )
}

function Toggle(props: {
  label: string
  on: boolean
  onChange: (on: boolean) => void
  size?: 'icon'
  children: React.ReactNode
}) {
  return (
    <Button
      kind="ghost"
      size={props.size ?? 'icon-sm'}
      aria-label={props.label}
      title={props.label}
      aria-pressed={props.on}
      onClick={() => props.onChange(!props.on)}
      className={cn(props.size === undefined && 'size-6', props.on && 'bg-accent/15 text-accent hover:bg-accent/25')}
    >
      {props.children}
    </Button>
  )
}
