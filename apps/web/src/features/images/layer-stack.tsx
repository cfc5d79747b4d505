'use client'

import type { ImageDetail } from '@flotilla/protocol'
import { cn } from '@flotilla/ui'
import { useTranslations } from 'use-intl'
import { Bytes, useBytes } from '../../format/values.tsx'
import { useHiddenText, WithHidden } from '../../format/with-hidden.tsx'

type Layer = ImageDetail['layers'][number]

/** The step that made a layer, without what every builder puts around it. */
export function stepOf(layer: Layer): string | null {
  if (layer.createdBy === null || layer.createdBy === '') return null
  return layer.createdBy
    .replace(/^\/bin\/sh -c #\(nop\)\s*/, '')
    .replace(/^\/bin\/sh -c /, 'RUN ')
    .replace(/# buildkit$/, '')
    .trim()
}

const shades = ['opacity-95', 'opacity-70', 'opacity-85', 'opacity-60']

/** Layers side by side, each as wide as its bytes; choosing one shows it in the list below. */
export function LayerStack(props: { layers: readonly Layer[]; chosen: number; onChoose: (index: number) => void }) {
  const t = useTranslations('images')
  const size = useBytes()
  const plain = useHiddenText()
  const total = props.layers.reduce((sum, layer) => sum + (layer.sizeBytes ?? 0), 0)
  return (
    <div role="group" aria-label={t('stack')} className="flex h-7 w-full gap-px overflow-hidden rounded-md">
      {props.layers.map((layer, index) => (
        <button
          key={`${layer.diffId} ${index}`}
          type="button"
          aria-pressed={index === props.chosen}
          aria-label={`${index + 1}: ${plain(stepOf(layer) ?? t('noStep'))}, ${size(layer.sizeBytes ?? 0)}`}
          title={`${size(layer.sizeBytes ?? 0)} · ${plain(stepOf(layer) ?? t('noStep'))}`}
          onClick={() => props.onChoose(index)}
          style={{ flexGrow: total === 0 ? 1 : Math.max(0.004, (layer.sizeBytes ?? 0) / total), flexBasis: 0 }}
          className={cn(
            'min-w-2 bg-accent transition-opacity duration-150 hover:opacity-100 focus-visible:outline-2 focus-visible:-outline-offset-2 focus-visible:outline-fg',
            index === props.chosen ? 'bg-fg opacity-100' : shades[index % shades.length],
          )}
        />
      ))}
    </div>
  )
}

/** The layers one below the other, oldest first, with the step that made each. */
export function LayerTable(props: { layers: readonly Layer[]; chosen: number; onChoose: (index: number) => void }) {
  const t = useTranslations('images')
  const steps = props.layers.map(stepOf)
  return (
    <ol className="divide-y divide-line">
      {props.layers.map((layer, index) => (
        <li
          key={`${layer.diffId} ${index}`}
          className={cn(
            'grid grid-cols-[1.75rem_minmax(0,1fr)_auto] items-baseline gap-3 px-3 py-2',
            index === props.chosen && 'bg-accent/10',
          )}
        >
          <span className="text-right text-xs text-faint tabular-nums">{index + 1}</span>
          <button
            type="button"
            aria-expanded={index === props.chosen}
            onClick={() => props.onChoose(index === props.chosen ? -1 : index)}
            className="min-w-0 rounded-sm text-left focus-visible:outline-2 focus-visible:outline-accent"
          >
            <code
              className={cn(
                'block font-mono text-xs',
                index === props.chosen ? 'break-words whitespace-pre-wrap' : 'truncate',
              )}
            >
              {steps[index] ? (
                <WithHidden inControl text={steps[index]} />
              ) : (
                <span className="text-faint">{t('noStep')}</span>
              )}
            </code>
            {index === props.chosen ? (
              <span className="mt-1 block font-mono text-xs break-all text-faint">{layer.digest ?? layer.diffId}</span>
            ) : null}
          </button>
          <span className="text-right text-xs">
            {layer.sizeBytes === null || layer.sizeBytes === 0 ? (
              <span className="text-faint">{t('emptyLayer')}</span>
            ) : (
              <Bytes bytes={layer.sizeBytes} />
            )}
          </span>
        </li>
      ))}
    </ol>
  )
}
