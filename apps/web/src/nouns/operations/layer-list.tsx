'use client'

import type { FleetOperation, Progress as Step } from '@flotilla/protocol'
import { Progress, StateDot, type Tone } from '@flotilla/ui'
import { useTranslations } from 'use-intl'
import { Bytes } from '../../format/values.tsx'

export interface LayerState {
  digest: string
  state: 'waiting' | 'downloading' | 'unpacking' | 'done' | 'there' | 'failed'
  current: number
  total: number | null
}

/** A pull's reports as one state a layer, in the order in which the layers were first heard of. */
export function layersOf(progress: readonly Step[]): LayerState[] {
  const layers = new Map<string, LayerState>()
  for (const step of progress) {
    if (step.item === undefined) continue
    const before = layers.get(step.item) ?? { digest: step.item, state: 'waiting', current: 0, total: null }
    if (step.step === 'download') {
      layers.set(step.item, {
        ...before,
        current: step.state === 'done' ? (step.totalBytes ?? step.currentBytes ?? 0) : (step.currentBytes ?? 0),
        total: step.totalBytes ?? before.total,
        state: downloadStates[step.state],
      })
    } else if (step.step === 'unpack' && step.state !== 'waiting' && before.state !== 'there') {
      const whole = before.total !== null && before.current >= before.total
      const state = step.state === 'running' && !whole ? 'downloading' : unpackStates[step.state]
      layers.set(step.item, { ...before, state })
    }
  }
  return [...layers.values()]
}

const downloadStates = {
  waiting: 'waiting',
  running: 'downloading',
  done: 'unpacking',
  skipped: 'there',
  failed: 'failed',
} as const
const unpackStates = {
  running: 'unpacking',
  done: 'done',
  skipped: 'done',
  failed: 'failed',
} as const
const tones: Record<LayerState['state'], Tone> = {
  waiting: 'idle',
  downloading: 'busy',
  unpacking: 'busy',
  done: 'ok',
  there: 'ok',
  failed: 'bad',
}

/** A pull layer by layer: what it does and how far it is. */
export function LayerList({ operation }: { operation: FleetOperation }) {
  const t = useTranslations('images.layerStates')
  const images = useTranslations('images')
  const layers = layersOf(operation.progress)
  if (layers.length === 0) return null
  return (
    <ul aria-label={images('layers')} className="space-y-1.5">
      {layers.map((layer) => (
        <li key={layer.digest} className="grid grid-cols-[6.5rem_minmax(0,1fr)_8.5rem] items-center gap-3 text-xs">
          <span className="flex items-center gap-1.5 whitespace-nowrap text-muted">
            <StateDot tone={tones[layer.state]} className="size-2" />
            {t(layer.state)}
          </span>
          <span className="flex min-w-0 items-center gap-3">
            <span className="w-24 shrink-0 truncate font-mono text-faint" title={layer.digest}>
              {layer.digest.replace(/^sha256:/, '').slice(0, 12)}
            </span>
            <Progress
              value={shareOf(layer)}
              label={images('layer', { digest: layer.digest.replace(/^sha256:/, '').slice(0, 12) })}
              tone={
                layer.state === 'failed' ? 'bad' : layer.state === 'done' || layer.state === 'there' ? 'ok' : 'accent'
              }
              className="min-w-8 flex-1"
            />
          </span>
          <span className="text-right whitespace-nowrap tabular-nums">
            {layer.total === null || layer.state === 'there' ? null : (
              <>
                <Bytes bytes={layer.current} />
                <span className="text-faint"> / </span>
                <Bytes bytes={layer.total} className="text-muted" />
              </>
            )}
          </span>
        </li>
      ))}
    </ul>
  )
}

function shareOf(layer: LayerState): number | null {
  if (layer.state === 'done' || layer.state === 'there') return 1
  if (layer.total === null || layer.total === 0) return layer.state === 'waiting' ? 0 : null
  return layer.current / layer.total
}
