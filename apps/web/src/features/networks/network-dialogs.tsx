'use client'

import type { FleetNetwork } from '@flotilla/protocol'
import { Dialog } from '@flotilla/ui'
import { useTranslations } from 'use-intl'
import dialogs from '../../../messages/en/dialogs.json'
import networkDialogs from '../../../messages/en/network-dialogs.json'
import { client } from '../../data/trpc.ts'
import { withTexts } from '../../i18n/with-texts.tsx'
import { nounOf } from '../../navigation/nouns.ts'
import { RemoveDialog } from '../../noun-pages/remove-dialog.tsx'
import type { Chosen } from '../../noun-pages/use-chosen.ts'
import { ConnectForm } from './create/connect-form.tsx'
import { CreateForm } from './create/create-form.tsx'
import { PruneForm } from './create/prune-form.tsx'

interface Asked {
  onClose: () => void
}

/** What can be asked about networks; whoever asks has it loaded then. */
export type NetworkQuestion =
  | { about: 'create' | 'prune'; hostId: string }
  | { about: 'connect'; network: FleetNetwork }
  | { about: 'remove'; chosen: Chosen<FleetNetwork>; onRemoved: () => void }

/** The dialog of a question about networks. */
export const NetworkDialog = withTexts(
  { dialogs, networkDialogs },
  function NetworkDialog({ asks, onClose }: Asked & { asks: NetworkQuestion }) {
    const t = useTranslations('networkDialogs')
    const common = useTranslations('common')
    const shared = { open: true, onOpenChange: onClose, closeLabel: common('close') }
    switch (asks.about) {
      case 'create':
        return (
          <Dialog {...shared} title={t('createDialog.title')} wide>
            <CreateForm hostId={asks.hostId} onClose={onClose} />
          </Dialog>
        )
      case 'prune':
        return (
          <Dialog {...shared} title={t('pruneDialog.title')} description={t('pruneDialog.text')} wide>
            <PruneForm hostId={asks.hostId} onClose={onClose} />
          </Dialog>
        )
      case 'connect':
        return (
          <Dialog
            {...shared}
            title={t('connectDialog.title', { name: asks.network.name })}
            description={t('connectDialog.text')}
          >
            <ConnectForm network={asks.network} onClose={onClose} />
          </Dialog>
        )
      case 'remove':
        return <RemoveNetworks {...asks} onClose={onClose} />
    }
  },
)

function RemoveNetworks(props: Asked & { chosen: Chosen<FleetNetwork>; onRemoved: () => void }) {
  const t = useTranslations('networkDialogs.removeDialog')
  return (
    <RemoveDialog
      {...props}
      noun={nounOf('networks')}
      method="networks.remove"
      title={(going) => t('title', { count: going.length, name: going[0]?.name ?? '' })}
      takes={t('takes')}
      detail={(network) => network.hostName}
      stays={({ isDefault }) => (isDefault ? t('default') : null)}
      removeOne={({ id }, operationId) => client.networks.remove.mutate({ id, operationId })}
      done={({ name }) => [t('done', { name })]}
    />
  )
}
