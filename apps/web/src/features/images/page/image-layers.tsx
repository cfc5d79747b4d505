'use client'

import type { FleetImage } from '@flotilla/protocol'
import { Panel } from '@flotilla/ui'
import { useState } from 'react'
import { useTranslations } from 'use-intl'
import { useBytes } from '../../../format/values.tsx'
import { LayerStack, LayerTable } from '../layer-stack.tsx'
import type { Detail } from './detail.ts'

/** What an image is made of, layer by layer. */
export function ImageLayers({ image, detail: { layers } }: { image: FleetImage; detail: Detail }) {
  const t = useTranslations('images')
  const size = useBytes()
  const [layer, setLayer] = useState(-1)
  return (
    <Panel
      flush
      title={t('history')}
      actions={
        <span className="text-xs text-muted">
          {t('stackHint', { count: layers.length, size: size(image.sizeBytes) })}
        </span>
      }
    >
      <div className="p-3 pb-2">
        <LayerStack layers={layers} chosen={layer} onChoose={setLayer} />
      </div>
      <LayerTable layers={layers} chosen={layer} onChoose={setLayer} />
    </Panel>
  )
}
