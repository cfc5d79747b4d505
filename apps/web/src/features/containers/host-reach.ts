import { useTranslations } from 'use-intl'
import type container from '../../../messages/en/container.json'
import { usePermissionReason } from '../../data/guarded-button.tsx'
import type { ContainerWithDetail } from './page/container-with-detail.ts'

type Reason = keyof (typeof container)['reach']['reasons']

/** What gives a container's host to whoever runs commands in it, in words; one of a newer agent by its name. */
export function useReachWords(): (container: ContainerWithDetail) => string[] {
  const t = useTranslations('container.reach.reasons')
  return ({ detail }) =>
    (detail?.reachesHost ?? []).map((reason) => (t.has(reason as Reason) ? t(reason as Reason) : reason))
}

const permission = 'containers.create.privileged'

/** Why somebody who may run commands may not do so in this container; null where they may. */
export function useReachReason(): (container: ContainerWithDetail) => string | null {
  const t = useTranslations('container.reach')
  const words = useReachWords()
  const lacking = usePermissionReason()(permission)
  return (container) => {
    const reasons = words(container)
    if (lacking === null || reasons.length === 0) return null
    return `${t('why', { reasons: reasons.join(', '), permission })} ${lacking}`
  }
}
