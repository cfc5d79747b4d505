'use client'

import { Note, Panel } from '@flotilla/ui'
import { useMutation } from '@tanstack/react-query'
import { Ruler } from 'lucide-react'
import { useTranslations } from 'use-intl'
import { ErrorLine } from '../../../data/error-note.tsx'
import { GuardedButton } from '../../../data/guarded-button.tsx'
import { client } from '../../../data/trpc.ts'
import { Ago, Bytes, useBytes } from '../../../format/values.tsx'
import { useCapability } from '../../../nouns/hosts/use-capability.ts'
import type { VolumeWithDetail } from './volume-with-detail.ts'

/** What a volume takes on the disk, as last measured. It is measured when somebody asks, never by the page itself. */
export function VolumeSize({ volume }: { volume: VolumeWithDetail }) {
  const t = useTranslations('volumes')
  const size = useBytes()
  const capability = useCapability()
  const { id } = volume
  const measure = useMutation({ mutationFn: () => client.volumes.measure.query({ id }) })
  // The row has it from then on, unless it is for who asked alone.
  const known = volume.size ?? measure.data ?? null
  const limit = volume.sizeLimitBytes
  return (
    <Panel
      title={t('facts.size')}
      actions={
        <GuardedButton
          size="sm"
          reason={capability(volume, 'volumes.measure')}
          busy={measure.isPending}
          title={t('size.measureHint')}
          onClick={() => measure.mutate()}
        >
          <Ruler />
          {measure.isPending ? t('size.measuring') : t('size.measure')}
        </GuardedButton>
      }
    >
      {measure.isError ? (
        <Note tone="bad" title={t('size.failed')} className="mb-3">
          <ErrorLine error={measure.error} />
        </Note>
      ) : null}
      {known === null ? (
        <p className="text-sm text-muted">{t('size.never')}</p>
      ) : (
        <p className="flex flex-wrap items-baseline gap-x-2">
          <Bytes bytes={known.sizeBytes} className="text-xl font-medium" />
          {limit === null ? null : (
            <span className="text-sm text-muted">{t('size.ofLimit', { limit: size(limit) })}</span>
          )}
          <span className="text-sm text-muted" role="status">
            {t.rich('size.measured', { ago: () => <Ago at={known.measuredAt} /> })}
          </span>
        </p>
      )}
    </Panel>
  )
}
