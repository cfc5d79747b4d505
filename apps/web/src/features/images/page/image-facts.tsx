'use client'

import type { FleetImage } from '@flotilla/protocol'
import { Facts } from '@flotilla/ui'
import { useTranslations } from 'use-intl'
import { shortReference } from '../../../format/image-reference.ts'
import { joinWords } from '../../../format/shell-words.ts'
import { Ago, Bytes, ShortId } from '../../../format/values.tsx'
import { EngineName } from '../../../nouns/hosts/engine-name.tsx'
import type { Detail } from './detail.ts'
import { Code, Lines } from '../../../format/lines.tsx'

/** Where an image is, how large, and what it is called. */
export function ImageFacts({ image }: { image: FleetImage }) {
  const t = useTranslations('images')
  return (
    <Facts
      items={[
        [
          t('facts.host'),
          <span key="v">
            {image.hostName}{' '}
            <span className="text-faint">
              <EngineName of={image} />
            </span>
          </span>,
        ],
        [t('facts.size'), <Bytes key="v" bytes={image.sizeBytes} />],
        [t('facts.platform'), `${image.os}/${image.architecture}`],
        image.createdAt ? [t('facts.made'), <Ago key="v" at={image.createdAt} />] : null,
        [t('facts.id'), <ShortId key="v" id={image.imageId} />],
        [
          t('facts.references'),
          <Lines
            key="v"
            lines={image.references.filter((each) => !each.includes('@')).map(shortReference)}
            none={t('untagged')}
          />,
        ],
        [t('facts.digests'), <Lines key="v" lines={image.digests} none={t('noneValue')} />],
      ]}
    />
  )
}

/** What a container of it starts as. */
export function ImageConfig({ detail }: { detail: Detail }) {
  const t = useTranslations('images')
  const code = (text: string) =>
    text === '' ? <span className="text-faint">{t('noneValue')}</span> : <Code text={text} />
  const labels = Object.entries(detail.labels).map(([name, value]) => `${name}=${value}`)
  return (
    <Facts
      items={[
        [t('facts.entrypoint'), code(joinWords(detail.entrypoint))],
        [t('facts.command'), code(joinWords(detail.command))],
        [t('facts.user'), code(detail.user === '' ? 'root' : detail.user)],
        [t('facts.workingDir'), code(detail.workingDir === '' ? '/' : detail.workingDir)],
        [t('facts.ports'), code(detail.exposedPorts.join(' '))],
        detail.stopSignal === null ? null : [t('facts.stopSignal'), code(detail.stopSignal)],
        [t('facts.env'), <Lines key="v" lines={detail.env} none={t('noneValue')} />],
        labels.length === 0 ? null : [t('facts.labels'), <Lines key="v" lines={labels} none={t('noneValue')} />],
      ]}
    />
  )
}
