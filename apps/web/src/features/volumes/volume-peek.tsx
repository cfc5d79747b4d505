'use client'

import type { FleetVolume } from '@flotilla/protocol'
import { Button } from '@flotilla/ui'
import Link from 'next/link'
import { useTranslations } from 'use-intl'
import { addressOf } from '../../navigation/addresses.ts'
import { nounOf } from '../../navigation/nouns.ts'
import { VerbMenu } from '../../noun-pages/verb-menu.tsx'
import type { VerbGroups } from '../../noun-pages/verb.ts'
import { volumeName } from '../../format/volume-name.ts'
import { VolumeFacts } from './page/volume-facts.tsx'

/** What one wants to know of a volume before going to its page. */
export function VolumePeek({ volume, verbs }: { volume: FleetVolume; verbs: VerbGroups<FleetVolume> }) {
  const t = useTranslations('volumes')
  const href = addressOf(nounOf('volumes'), volume.id)
  return (
    <div className="space-y-4 p-4">
      <div className="flex items-center justify-between">
        <span className="text-sm text-muted">{t('usedBy', { count: volume.containerCount })}</span>
        <VerbMenu row={volume} name={volumeName(volume)} verbs={verbs} />
      </div>
      <VolumeFacts volume={volume} />
      <div className="flex gap-2">
        <Button asChild kind="primary">
          <Link href={href}>{t('open')}</Link>
        </Button>
        <Button asChild>
          <Link href={`${href}?tab=files`}>{t('files')}</Link>
        </Button>
      </div>
    </div>
  )
}
