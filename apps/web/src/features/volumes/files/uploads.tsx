'use client'

import { Button, Dialog, DialogActions } from '@flotilla/ui'
import { useTranslations } from 'use-intl'
import volumeFiles from '../../../../messages/en/volume-files.json'
import { DialogPart } from '../../../data/part.tsx'
import { withTexts } from '../../../i18n/with-texts.tsx'
import { useLeaveGuard } from '../../../navigation/leave-guard.ts'
import { UploadList } from './upload-list.tsx'
import { isUnderWay, type useUploads } from './use-uploads.ts'

/** The uploads to a volume, whatever of it is shown. Whoever leaves the page while one is under way is asked first. */
export const Uploads = withTexts({ volumeFiles }, function Uploads(props: Omit<ReturnType<typeof useUploads>, 'add'>) {
  const t = useTranslations('volumeFiles.uploads')
  const common = useTranslations('common')
  const count = props.uploads.filter(isUnderWay).length
  const { isAsked, stay, leave } = useLeaveGuard(count > 0)
  return (
    <>
      <UploadList {...props} />
      {isAsked ? (
        <DialogPart onClose={stay}>
          <Dialog
            open
            onOpenChange={stay}
            title={t('leaveTitle')}
            description={t('leaveText', { count })}
            closeLabel={common('close')}
          >
            <DialogActions>
              <Button onClick={stay} autoFocus>
                {t('stay')}
              </Button>
              <Button kind="danger" onClick={leave}>
                {t('leave')}
              </Button>
            </DialogActions>
          </Dialog>
        </DialogPart>
      ) : null}
    </>
  )
})
