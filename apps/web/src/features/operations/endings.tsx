'use client'

import type { FleetOperation } from '@flotilla/protocol'
import { toast } from '@flotilla/ui'
import { useEffect } from 'react'
import { useTranslations } from 'use-intl'
import bulk from '../../../messages/en/bulk.json'
import { useErrorText } from '../../data/error-note.tsx'
import { ClientError } from '../../data/error.ts'
import { useSession } from '../../data/session.tsx'
import { withTexts } from '../../i18n/with-texts.tsx'
import { setActivity } from '../../nouns/operations/activity-store.ts'
import { type BulkOperation, isBulk } from '../../nouns/operations/bulk.ts'
import { awaitEnd, takeEnd } from '../../nouns/operations/endings.ts'
import { useBulkWords } from '../../nouns/operations/use-bulk-words.ts'

/** Tells what became of each change of many that the person began, in every tab that saw it run or began it. Draws nothing. */
export const Endings = withTexts({ bulk }, function Endings(props: { operations: readonly FleetOperation[] }) {
  const { operations } = props
  const { me } = useSession()
  const tell = useTell()
  useEffect(() => {
    for (const operation of operations) {
      if (!isBulk(operation) || operation.actorId !== me.user.id) continue
      if (operation.state === 'running') awaitEnd(operation.id)
      else if (takeEnd(operation.id)) tell(operation)
    }
  })
  return null
})

function useTell(): (operation: BulkOperation) => void {
  const t = useTranslations('bulk')
  const words = useBulkWords()
  const errorText = useErrorText()
  return (operation) => {
    const { id, state, error, counts } = operation
    const action = { label: t('show'), run: () => setActivity(true, id) }
    if (state === 'succeeded') toast('ok', words.done(operation))
    else if (state === 'cancelled' && counts.failed === 0) {
      toast('idle', words.done(operation), t('cancelledDetail', { count: counts.cancelled }), action)
    } else toast('bad', words.done(operation), error === null ? undefined : errorText(new ClientError(error)), action)
  }
}
