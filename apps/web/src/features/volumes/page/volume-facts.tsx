'use client'

import type { FleetVolume } from '@flotilla/protocol'
import { CopyButton, Facts } from '@flotilla/ui'
import { useTranslations } from 'use-intl'
import { labelLines } from '../../../format/labels.ts'
import { Code, Lines } from '../../../format/lines.tsx'
import { Ago, Bytes, ShortId } from '../../../format/values.tsx'
import { EngineName } from '../../../nouns/hosts/engine-name.tsx'

/** Where a volume is and how it was made. */
export function VolumeFacts({ volume }: { volume: FleetVolume }) {
  const t = useTranslations('volumes.facts')
  const table = useTranslations('table')
  const common = useTranslations('common')
  return (
    <Facts
      items={[
        [
          t('host'),
          <span key="v">
            {volume.hostName}{' '}
            <span className="text-faint">
              <EngineName of={volume} />
            </span>
          </span>,
        ],
        [t('driver'), <Code key="v" text={volume.driver} />],
        [
          t('limit'),
          volume.sizeLimitBytes === null ? (
            <span key="v" className="text-muted">
              {t('noLimit')}
            </span>
          ) : (
            <Bytes key="v" bytes={volume.sizeLimitBytes} />
          ),
        ],
        volume.createdAt === null ? null : [t('created'), <Ago key="v" at={volume.createdAt} />],
        volume.createdByFlotilla ? null : [t('createdBy'), t('others')],
        [
          t('mountpoint'),
          <span key="v" className="flex items-start gap-1">
            <Code text={volume.mountpoint} />
            <CopyButton
              text={volume.mountpoint}
              label={common('copy')}
              copiedLabel={common('copied')}
              failedLabel={common('copyFailed')}
              className="-my-0.5"
            />
          </span>,
        ],
        [t('labels'), <Lines key="v" lines={labelLines(volume.labels)} none={table('labels.none')} />],
        [t('id'), <ShortId key="v" id={volume.nativeId} />],
      ]}
    />
  )
}
