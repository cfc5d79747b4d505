'use client'

import type { FleetImage } from '@flotilla/protocol'
import { Checkbox } from '@flotilla/ui'
import { useState } from 'react'
import { useTranslations } from 'use-intl'
import dialogs from '../../../messages/en/dialogs.json'
import { client } from '../../data/trpc.ts'
import { imageName } from '../../format/image-name.ts'
import { Bytes, useBytes } from '../../format/values.tsx'
import { withTexts } from '../../i18n/with-texts.tsx'
import { nounOf } from '../../navigation/nouns.ts'
import { RemoveDialog } from '../../noun-pages/remove-dialog.tsx'
import type { Chosen } from '../../noun-pages/use-chosen.ts'

/** Says what goes with an image before it goes, and which ones containers still need. */
export const RemoveImagesDialog = withTexts(
  { dialogs },
  function RemoveImagesDialog(props: { chosen: Chosen<FleetImage>; onClose: () => void; onRemoved: () => void }) {
    const t = useTranslations('images.removeDialog')
    const size = useBytes()
    const [force, setForce] = useState(false)
    const isUsed = props.chosen.rows.some(({ containerCount }) => containerCount > 0)
    return (
      <RemoveDialog
        {...props}
        noun={nounOf('images')}
        method="images.remove"
        force={force}
        title={(going) => t('title', { count: going.length, name: going[0] ? imageName(going[0]) : '' })}
        takes={t('takes')}
        detail={({ sizeBytes }) => <Bytes bytes={sizeBytes} />}
        stays={({ containerCount: count }) => (count > 0 && !force ? t('stays', { count }) : null)}
        removeOne={({ id }, operationId) => client.images.remove.mutate({ id, force, operationId })}
        done={(image, { freedBytes }) => [
          t('done', { name: imageName(image) }),
          freedBytes > 0 ? t('freed', { size: size(freedBytes) }) : t('freedNone'),
        ]}
      >
        {isUsed ? (
          <label className="mb-4 flex items-start gap-2 text-sm">
            <Checkbox checked={force} onChange={(event) => setForce(event.target.checked)} className="mt-0.5" />
            {t('force')}
          </label>
        ) : null}
      </RemoveDialog>
    )
  },
)
