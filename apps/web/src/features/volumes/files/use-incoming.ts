'use client'

import { toast } from '@flotilla/ui'
import { useTranslations } from 'use-intl'
import { chosenIn, droppedIn, mostIncoming, TooManyIncoming, type Incoming } from './incoming.ts'

/** Takes what is dropped or chosen to be uploaded; of what cannot be taken it is said why, and nothing of it is uploaded. */
export function useIncoming(onIncoming: (incoming: readonly Incoming[]) => void) {
  const t = useTranslations('volumeFiles.uploads')
  const take = async (read: () => Incoming[] | Promise<Incoming[]>): Promise<void> => {
    try {
      onIncoming(await read())
    } catch (error) {
      const isMany = error instanceof TooManyIncoming
      toast('bad', t('notTaken'), isMany ? t('tooMany', { most: mostIncoming }) : t('unreadable'))
    }
  }
  return {
    onDropped: (transfer: DataTransfer) => void take(() => droppedIn(transfer)),
    onChosen: (files: readonly File[]) => void take(() => chosenIn(files)),
  }
}
