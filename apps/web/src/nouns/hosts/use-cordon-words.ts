import type { FleetHost } from '@flotilla/protocol'
import { useFormatter, useTranslations } from 'use-intl'

type Cordon = NonNullable<FleetHost['cordon']>

/** Who cordoned a host, when and why, in one sentence. */
export function useCordonWords(): (cordon: Cordon) => string {
  const t = useTranslations('hosts.cordon')
  const format = useFormatter()
  return ({ actor, at, reason }) => {
    const when = format.dateTime(new Date(at), { dateStyle: 'medium', timeStyle: 'short', hourCycle: 'h23' })
    return reason === null ? t('by', { actor, at: when }) : t('byFor', { actor, at: when, reason })
  }
}
