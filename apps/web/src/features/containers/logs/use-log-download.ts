import type { FleetContainer } from '@flotilla/protocol'
import { toast } from '@flotilla/ui'
import { useState } from 'react'
import { useTranslations } from 'use-intl'
import { useErrorText } from '../../../data/error-note.tsx'
import { downloadLog } from './log-download.ts'

/** Fetches the whole log as a file and says where that failed. */
export function useLogDownload({ id, name }: Pick<FleetContainer, 'id' | 'name'>, timestamps: boolean) {
  const t = useTranslations('container.logs')
  const errorText = useErrorText()
  const [busy, setBusy] = useState(false)
  const download = async () => {
    setBusy(true)
    try {
      await downloadLog(id, name, timestamps)
    } catch (error) {
      toast('bad', t('downloadFailed'), error instanceof Error ? error.message : errorText(error))
    }
    setBusy(false)
  }
  return { busy, start: () => void download() }
}
