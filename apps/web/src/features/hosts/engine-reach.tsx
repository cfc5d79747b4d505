'use client'

import type { FleetEngine, FleetHost } from '@flotilla/protocol'
import { Badge, toast } from '@flotilla/ui'
import { useMutation } from '@tanstack/react-query'
import { useTranslations } from 'use-intl'
import { useErrorText } from '../../data/error-note.tsx'
import { GuardedButton } from '../../data/guarded-button.tsx'
import { useTrpc } from '../../data/trpc.ts'
import { useHostChanged } from './use-host-changed.ts'

/** What a host's agent is to an engine that spans machines, and what lets it be more; nothing of any other engine. */
export function EngineReach({ host, engine }: { host: FleetHost; engine: FleetEngine }) {
  const t = useTranslations('host.reach')
  const errorText = useErrorText()
  const changed = useHostChanged()
  const allow = useMutation(
    useTrpc().hosts.allowEngine.mutationOptions({
      onSuccess: (now) => changed(now, t('done', { name: host.name, engine: engine.name })),
      onError: (error) => toast('bad', errorText(error)),
    }),
  )
  if (engine.reach === undefined) return null
  if (engine.reach !== 'waiting') return <Badge>{t(engine.reach)}</Badge>
  return (
    <GuardedButton
      size="sm"
      permission="hosts.manage"
      disabled={allow.isPending}
      onClick={() => allow.mutate({ id: host.id, engine: engine.id })}
    >
      {t('allow')}
    </GuardedButton>
  )
}
