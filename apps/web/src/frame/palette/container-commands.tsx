'use client'

import type { FleetContainer, Permission } from '@flotilla/protocol'
import { Play, RotateCcw, ScrollText, Square, Terminal, type LucideIcon } from 'lucide-react'
import { useTranslations } from 'use-intl'
import { useSession } from '../../data/session.tsx'
import { useContainerAction } from '../../features/containers/use-container-action.ts'
import { addressOf } from '../../navigation/addresses.ts'
import { nounOf } from '../../navigation/nouns.ts'
import { PaletteLine } from './palette-line.tsx'

interface ContainerCommand {
  name: 'logs' | 'terminal' | 'start' | 'stop' | 'restart'
  icon: LucideIcon
  permission: Permission
  /** Offered while it runs, while it does not, or always. */
  running?: boolean
}

const commands: readonly ContainerCommand[] = [
  { name: 'logs', icon: ScrollText, permission: 'containers.logs' },
  { name: 'terminal', icon: Terminal, permission: 'containers.exec', running: true },
  { name: 'start', icon: Play, permission: 'containers.operate', running: false },
  { name: 'stop', icon: Square, permission: 'containers.operate', running: true },
  { name: 'restart', icon: RotateCcw, permission: 'containers.operate', running: true },
]

/** What can be done to a container without going to its page. */
export function ContainerCommands({ row: container }: { row: FleetContainer }) {
  const t = useTranslations('palette')
  const { can } = useSession()
  const act = useContainerAction()
  const runs = container.state === 'running'
  const page = addressOf(nounOf('containers'), container.id)
  return commands
    .filter(({ permission, running = runs }) => can(permission) && running === runs)
    .map(({ name, icon: Icon }) => (
      <PaletteLine
        key={name}
        value={`${container.name} ${container.id} ${name}`}
        icon={<Icon />}
        label={t(name, { name: container.name })}
        {...(name === 'logs' || name === 'terminal'
          ? { href: `${page}?tab=${name}` }
          : { onSelect: () => void act.run(name, container) })}
      />
    ))
}
