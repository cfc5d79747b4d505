'use client'

import type { FleetContainer, Permission } from '@flotilla/protocol'
import { Play, RotateCcw, Square, Trash2, type LucideIcon } from 'lucide-react'
import { useTranslations } from 'use-intl'
import { GuardedButton } from '../../../data/guarded-button.tsx'
import { ContainerMenu } from '../container-menu.tsx'
import { useCapability } from '../use-capability.ts'
import { verbStates, type ContainerVerb } from '../use-container-actions.ts'

const shown: readonly { verb: ContainerVerb; icon: LucideIcon; permission: Permission; narrow: boolean }[] = [
  { verb: 'start', icon: Play, permission: 'containers.operate', narrow: true },
  { verb: 'unpause', icon: Play, permission: 'containers.operate', narrow: true },
  { verb: 'stop', icon: Square, permission: 'containers.operate', narrow: true },
  { verb: 'restart', icon: RotateCcw, permission: 'containers.operate', narrow: false },
  { verb: 'remove', icon: Trash2, permission: 'containers.remove', narrow: false },
]

/** What is done most to a container as it is now; the rest stands in the menu. */
export function ContainerActions(props: {
  container: FleetContainer
  busy: boolean
  onVerb: (verb: ContainerVerb) => void
}) {
  const t = useTranslations('containers.verbs')
  const capability = useCapability()
  const { container } = props
  return (
    <div className="flex items-center gap-1.5">
      {shown
        .filter(
          ({ verb }) =>
            verbStates[verb].has(container.state) && (verb !== 'remove' || !verbStates.stop.has(container.state)),
        )
        .map(({ verb, icon: Icon, permission, narrow }) => (
          <GuardedButton
            key={verb}
            kind={verb === 'start' || verb === 'unpause' ? 'primary' : 'secondary'}
            permission={permission}
            reason={capability(container, `containers.${verb}`)}
            disabled={props.busy}
            className={narrow ? '' : 'max-md:hidden'}
            onClick={() => props.onVerb(verb)}
          >
            <Icon />
            {t(verb)}
          </GuardedButton>
        ))}
      <ContainerMenu container={container} onVerb={props.onVerb} />
    </div>
  )
}
