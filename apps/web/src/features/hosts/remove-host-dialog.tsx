'use client'

import type { FleetHost } from '@flotilla/protocol'
import { Button, Dialog, DialogActions, Note, toast } from '@flotilla/ui'
import { useMutation, useQueryClient } from '@tanstack/react-query'
import { usePathname, useRouter } from 'next/navigation'
import { useTranslations } from 'use-intl'
import hostDialogs from '../../../messages/en/host-dialogs.json'
import { useErrorText } from '../../data/error-note.tsx'
import { useTrpc } from '../../data/trpc.ts'
import { withTexts } from '../../i18n/with-texts.tsx'

/** Says what forgetting a host takes with it, and what it leaves. */
export const RemoveHostDialog = withTexts(
  { hostDialogs },
  function RemoveHostDialog(props: { host: FleetHost; onClose: () => void }) {
    const { host, onClose } = props
    const t = useTranslations('hostDialogs.removal')
    const common = useTranslations('common')
    const trpc = useTrpc()
    const router = useRouter()
    const here = usePathname()
    const queryClient = useQueryClient()
    const errorText = useErrorText()
    const removal = useMutation(
      trpc.hosts.remove.mutationOptions({
        onSuccess: async () => {
          toast('ok', t('done', { name: host.name }))
          if (window.location.pathname === here) router.replace('/hosts')
          await queryClient.invalidateQueries({ queryKey: trpc.hosts.list.pathKey() })
        },
      }),
    )
    return (
      <Dialog
        open
        onOpenChange={(open) => {
          if (!open) onClose()
        }}
        title={t('title', { name: host.name })}
        description={t('text', { containers: host.counts.containers })}
        closeLabel={common('close')}
      >
        {removal.error ? (
          <Note tone="bad" className="mb-4">
            {errorText(removal.error)}
          </Note>
        ) : null}
        <DialogActions>
          <Button onClick={onClose}>{common('cancel')}</Button>
          <Button kind="danger" disabled={removal.isPending} onClick={() => removal.mutate({ id: host.id })}>
            {t('remove')}
          </Button>
        </DialogActions>
      </Dialog>
    )
  },
)
