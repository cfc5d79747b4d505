'use client'

import type { FleetHost } from '@flotilla/protocol'
import { toast } from '@flotilla/ui'
import { useMutation } from '@tanstack/react-query'
import { ShieldCheck, ShieldOff, Tags } from 'lucide-react'
import { useState, type ReactNode } from 'react'
import { lazily } from '../../data/lazily.ts'
import { DialogPart } from '../../data/part.tsx'
import { useTranslations } from 'use-intl'
import { useErrorText } from '../../data/error-note.tsx'
import { useTrpc } from '../../data/trpc.ts'
import type { Verb } from '../../noun-pages/verb.ts'
import { useHostChanged } from './use-host-changed.ts'

const CordonDialog = lazily(() => import('./cordon-dialog.tsx').then((module) => module.CordonDialog))
const EditDialog = lazily(() => import('./edit-dialog.tsx').then((module) => module.EditDialog))

/** What can be changed of a host; `dialog` is where it is asked for. */
export function useHostVerbs(hosts: readonly FleetHost[]): {
  edit: Verb<FleetHost>
  cordon: Verb<FleetHost>
  uncordon: Verb<FleetHost>
  dialog: ReactNode
} {
  const t = useTranslations('host')
  const errorText = useErrorText()
  const changed = useHostChanged()
  const [asked, setAsked] = useState<{ verb: 'edit' | 'cordon'; host: FleetHost } | null>(null)
  const uncordon = useMutation(
    useTrpc().hosts.uncordon.mutationOptions({
      onSuccess: (host) => changed(host, t('uncordon.done', { name: host.name })),
      onError: (error) => toast('bad', errorText(error)),
    }),
  )
  const ask =
    (verb: 'edit' | 'cordon') =>
    ([host]: readonly FleetHost[]) =>
      host && setAsked({ verb, host })
  const close = () => setAsked(null)
  const verb = { permission: 'hosts.manage' } as const
  return {
    edit: { ...verb, name: 'edit', title: t('edit.verb'), icon: Tags, run: ask('edit') },
    cordon: {
      ...verb,
      name: 'cordon',
      title: t('cordon.verb'),
      icon: ShieldOff,
      suits: ({ cordon }) => cordon === null,
      run: ask('cordon'),
    },
    uncordon: {
      ...verb,
      name: 'uncordon',
      title: t('uncordon.verb'),
      icon: ShieldCheck,
      suits: ({ cordon }) => cordon !== null,
      run: ([host]) => host && uncordon.mutate({ id: host.id }),
    },
    dialog: (
      <DialogPart onClose={close}>
        {asked?.verb === 'cordon' ? <CordonDialog host={asked.host} onClose={close} /> : null}
        {asked?.verb === 'edit' ? <EditDialog host={asked.host} hosts={hosts} onClose={close} /> : null}
      </DialogPart>
    ),
  }
}
