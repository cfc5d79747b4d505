'use client'

import { cn, StateWord } from '@flotilla/ui'
import { useTranslations } from 'use-intl'
import { useReasonText } from '../../format/reason-text.ts'
import { useHiddenText } from '../../format/with-hidden.tsx'
import { useWork } from '../operations/use-work.ts'
import { stateName, toneOf, type StateOf } from './container-state.ts'

/**
 * The state as shape, colour and word, or what an operation does to the container right now; the reason stands behind it on
 * hover. What a host that is away said last is dimmed.
 */
export function ContainerStateWord({ container, className }: { container: StateOf; className?: string }) {
  const t = useTranslations('states')
  const plain = useHiddenText()
  const reason = useReasonText()(container.stateReason, container.stateReasonFacts)
  const work = useWork(container.id)?.replace('containers.', 'working.') as 'working.stop' | undefined
  if (work !== undefined && t.has(work)) {
    return (
      <StateWord tone="busy" {...(className === undefined ? {} : { className })}>
        {t(work)}
      </StateWord>
    )
  }
  const name = stateName(container)
  const code = container.state === 'exited' && typeof container.exitCode === 'number' ? ` ${container.exitCode}` : ''
  return (
    <span
      title={reason === undefined ? undefined : plain(reason)}
      className={cn(container.stale && 'stale', className)}
    >
      <StateWord tone={toneOf(container)}>
        <span>{t(name)}</span>
        {code === '' ? null : <span className="text-faint">{code}</span>}
        {container.oomKilled ? <span className="ml-1.5 text-bad">{t('oom')}</span> : null}
      </StateWord>
    </span>
  )
}
