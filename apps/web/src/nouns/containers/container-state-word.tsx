'use client'

import { cn, StateWord } from '@flotilla/ui'
import { useTranslations } from 'use-intl'
import { useHiddenText } from '../../format/with-hidden.tsx'
import { stateName, toneOf, type StateOf } from './container-state.ts'

/** The state as shape, colour and word; the reason stands behind it on hover. What a host that is away said last is dimmed. */
export function ContainerStateWord({ container, className }: { container: StateOf; className?: string }) {
  const t = useTranslations('states')
  const plain = useHiddenText()
  const name = stateName(container)
  const code = container.state === 'exited' && typeof container.exitCode === 'number' ? ` ${container.exitCode}` : ''
  return (
    <span
      title={container.stateReason === undefined ? undefined : plain(container.stateReason)}
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
