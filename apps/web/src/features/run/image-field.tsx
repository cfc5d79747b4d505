'use client'

import type { FleetImage } from '@flotilla/protocol'
import { cn, Input } from '@flotilla/ui'
import { useId, useRef, useState, type KeyboardEvent } from 'react'
import { useTranslations } from 'use-intl'
import { Bytes } from '../../format/values.tsx'
import { registryOf, shortReference } from '../../format/image-reference.ts'
import { useRunForm } from './form-context.ts'
import { FormField } from './form-field.tsx'

const mostShown = 8
const mostChips = 5

interface Suggestion {
  reference: string
  image: FleetImage
}

interface Props {
  images: readonly FleetImage[]
  /** The image on the host that the text names. */
  found: FleetImage | null
  loading: boolean
  onPasteRun: (line: string) => boolean
}

/** Which image: typed, or taken from what is on the host. A pasted `docker run` line goes into the whole form. */
export function ImageField(props: Props) {
  const t = useTranslations('run')
  const { draft, set } = useRunForm()
  const [open, setOpen] = useState(false)
  const [active, setActive] = useState(-1)
  const list = useId()
  const input = useRef<HTMLInputElement>(null)
  const all: Suggestion[] = props.images.flatMap((image) =>
    image.references
      .filter((reference) => !reference.includes('@'))
      .map((reference) => ({ reference: shortReference(reference), image })),
  )
  const text = draft.image.trim().toLowerCase()
  const shown = all.filter((each) => each.reference.toLowerCase().includes(text)).slice(0, mostShown)
  const opened = open && shown.length > 0
  const choose = (suggestion: Suggestion) => {
    set({ image: suggestion.reference })
    setOpen(false)
    setActive(-1)
    input.current?.focus()
  }
  const press = (event: KeyboardEvent<HTMLInputElement>) => {
    if (event.key === 'ArrowDown' || event.key === 'ArrowUp') {
      event.preventDefault()
      setOpen(true)
      const step = event.key === 'ArrowDown' ? 1 : -1
      if (shown.length > 0) setActive((active + step + shown.length + (active < 0 && step < 0 ? 1 : 0)) % shown.length)
    } else if (event.key === 'Escape' && opened) {
      event.preventDefault()
      setOpen(false)
      setActive(-1)
    } else if (event.key === 'Enter' && opened && active >= 0) {
      event.preventDefault()
      const suggestion = shown[active]
      if (suggestion) choose(suggestion)
    }
  }
  return (
    <FormField name="image" label={t('fields.image')}>
      {(control) => (
        <div className="relative">
          <Input
            {...control}
            ref={input}
            role="combobox"
            aria-expanded={opened}
            aria-controls={list}
            aria-autocomplete="list"
            aria-activedescendant={opened && active >= 0 ? `${list}-${active}` : undefined}
            autoFocus
            autoComplete="off"
            autoCapitalize="off"
            spellCheck={false}
            placeholder={t('imagePlaceholder')}
            value={draft.image}
            className="h-10 font-mono text-base"
            onChange={(event) => {
              set({ image: event.target.value })
              setOpen(event.target.value.trim() !== '')
              setActive(-1)
            }}
            onPaste={(event) => {
              if (props.onPasteRun(event.clipboardData.getData('text'))) event.preventDefault()
            }}
            onKeyDown={press}
            onBlur={() => setOpen(false)}
          />
          <SuggestionList id={list} shown={shown} active={active} opened={opened} onChoose={choose} />
          <ImageHint {...props} all={all} onChoose={choose} />
        </div>
      )}
    </FormField>
  )
}

/** What is on the host and fits what is typed. */
function SuggestionList(props: {
  id: string
  shown: readonly Suggestion[]
  active: number
  opened: boolean
  onChoose: (suggestion: Suggestion) => void
}) {
  const t = useTranslations('run')
  return (
    <ul
      id={props.id}
      role="listbox"
      aria-label={t('onHost')}
      hidden={!props.opened}
      className="absolute inset-x-0 top-11 z-20 max-h-80 overflow-y-auto rounded-md border border-line-strong bg-overlay p-1 shadow-float"
    >
      {props.shown.map((suggestion, index) => (
        <li
          key={`${suggestion.image.id} ${suggestion.reference}`}
          id={`${props.id}-${index}`}
          role="option"
          aria-selected={index === props.active}
          className={cn(
            'flex h-8 cursor-default items-center justify-between gap-4 rounded-sm px-2 text-sm',
            index === props.active ? 'bg-raised' : 'hover:bg-raised/60',
          )}
          onPointerDown={(event) => {
            event.preventDefault()
            props.onChoose(suggestion)
          }}
        >
          <span className="truncate font-mono text-xs">{suggestion.reference}</span>
          <Bytes bytes={suggestion.image.sizeBytes} className="text-xs text-muted" />
        </li>
      ))}
    </ul>
  )
}

/** Before anything is typed, what is on the host; then, whether the image is there or comes from a registry. */
function ImageHint(props: Props & { all: readonly Suggestion[]; onChoose: (suggestion: Suggestion) => void }) {
  const t = useTranslations('run')
  const { draft } = useRunForm()
  return (
    <div className="mt-1.5 flex min-h-7 flex-wrap items-center gap-1.5 text-xs text-muted">
      {draft.image.trim() === '' ? (
        props.all.length > 0 ? (
          <>
            <span>{t('onHostShort')}</span>
            {props.all.slice(0, mostChips).map((suggestion) => (
              <button
                key={`${suggestion.image.id} ${suggestion.reference}`}
                type="button"
                onClick={() => props.onChoose(suggestion)}
                className="h-6 max-w-full truncate rounded-sm border border-line-strong px-1.5 font-mono text-fg hover:bg-raised focus-visible:outline-2 focus-visible:outline-accent"
              >
                {suggestion.reference}
              </button>
            ))}
          </>
        ) : (
          <span>{props.loading ? '' : t('noImages')}</span>
        )
      ) : props.found ? (
        <span role="status">
          {t.rich('isThere', {
            host: props.found.hostName,
            size: () => <Bytes bytes={props.found?.sizeBytes ?? 0} />,
          })}
        </span>
      ) : (
        <span role="status">{props.loading ? '' : t('willBePulled', { registry: registryOf(draft.image) })}</span>
      )}
    </div>
  )
}
