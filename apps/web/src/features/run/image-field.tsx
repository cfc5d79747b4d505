'use client'

import type { FleetImage } from '@flotilla/protocol'
import { useRef } from 'react'
import { useTranslations } from 'use-intl'
import { Bytes } from '../../format/values.tsx'
import { registryOf, shortReference } from '../../format/image-reference.ts'
import { Combobox } from './combobox.tsx'
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
  const input = useRef<HTMLInputElement>(null)
  const all: Suggestion[] = props.images.flatMap((image) =>
    image.references
      .filter((reference) => !reference.includes('@'))
      .map((reference) => ({ reference: shortReference(reference), image })),
  )
  const text = draft.image.trim().toLowerCase()
  const shown = all.filter((each) => each.reference.toLowerCase().includes(text)).slice(0, mostShown)
  const choose = (suggestion: Suggestion) => {
    set({ image: suggestion.reference })
    input.current?.focus()
  }
  return (
    <FormField name="image" label={t('fields.image')}>
      {(control) => (
        <div>
          <Combobox
            {...control}
            ref={input}
            autoFocus
            placeholder={t('imagePlaceholder')}
            value={draft.image}
            listLabel={t('onHost')}
            suggestions={shown.map(({ reference, image: { id, sizeBytes } }) => ({
              key: `${id} ${reference}`,
              value: reference,
              aside: <Bytes bytes={sizeBytes} className="text-xs text-muted" />,
            }))}
            className="h-10 font-mono text-base"
            onChange={(image) => set({ image })}
            onPaste={(event) => {
              if (props.onPasteRun(event.clipboardData.getData('text'))) event.preventDefault()
            }}
          />
          <ImageHint {...props} all={all} onChoose={choose} />
        </div>
      )}
    </FormField>
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
