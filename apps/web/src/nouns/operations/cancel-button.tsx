'use client'

import type { FleetOperation } from '@flotilla/protocol'
import { type ButtonProps, toast } from '@flotilla/ui'
import { useState } from 'react'
import { useTranslations } from 'use-intl'
import { useErrorText } from '../../data/error-note.tsx'
import { GuardedButton } from '../../data/guarded-button.tsx'
import { useSession } from '../../data/session.tsx'
import { client } from '../../data/trpc.ts'

/** Cancels a change that runs. It is answered when the change has ended: what cannot be broken off comes to its own end first. */
export function CancelButton({ operation, kind }: { operation: FleetOperation } & Pick<ButtonProps, 'kind'>) {
  const t = useTranslations('operations')
  const common = useTranslations('common')
  const errorText = useErrorText()
  const { me } = useSession()
  const [busy, setBusy] = useState(false)
  const cancel = async () => {
    setBusy(true)
    try {
      const { hostId, id } = operation
      if (hostId === null) await client.operations.platform.cancel.mutate({ id })
      else await client.operations.cancel.mutate({ hostId, id })
    } catch (error) {
      toast('bad', t('cancelFailed'), errorText(error))
    }
    setBusy(false)
  }
  // Whoever started it may cancel it, whatever they may do otherwise.
  const guard = operation.actorId === me.user.id ? {} : { permission: 'containers.operate' as const }
  return (
    <GuardedButton size="sm" kind={kind} {...guard} disabled={busy} onClick={() => void cancel()}>
      {busy ? t('cancelling') : common('cancel')}
    </GuardedButton>
  )
}
