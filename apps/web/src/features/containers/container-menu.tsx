'use client'

import type { FleetContainer, Permission } from '@flotilla/protocol'
import { Button, Menu, MenuItem, MenuSeparator, toast } from '@flotilla/ui'
import {
  MoreHorizontal,
  Pause,
  Play,
  RotateCcw,
  ScrollText,
  Skull,
  Square,
  Terminal,
  Trash2,
  type LucideIcon,
} from 'lucide-react'
import { useRouter } from 'next/navigation'
import { useTranslations } from 'use-intl'
import { usePermissionReason } from '../../data/guarded-button.tsx'
import { useCapability } from './use-capability.ts'
import { verbStates, type ContainerVerb } from './use-container-actions.ts'

const verbs: readonly { verb: ContainerVerb; icon: LucideIcon; permission: Permission }[] = [
  { verb: 'start', icon: Play, permission: 'containers.operate' },
  { verb: 'stop', icon: Square, permission: 'containers.operate' },
  { verb: 'restart', icon: RotateCcw, permission: 'containers.operate' },
  { verb: 'pause', icon: Pause, permission: 'containers.operate' },
  { verb: 'unpause', icon: Play, permission: 'containers.operate' },
  { verb: 'kill', icon: Skull, permission: 'containers.operate' },
  { verb: 'remove', icon: Trash2, permission: 'containers.remove' },
]

/** All that can be done to one container. What cannot says why when it is chosen. */
export function ContainerMenu(props: {
  container: FleetContainer
  open?: boolean
  onOpenChange?: (open: boolean) => void
  onVerb: (verb: ContainerVerb) => void
  links?: boolean
}) {
  const t = useTranslations('containers')
  const router = useRouter()
  const permission = usePermissionReason()
  const capability = useCapability()
  const { container } = props
  const base = `/containers/${encodeURIComponent(container.id)}`
  return (
    <Menu
      align="end"
      {...(props.open === undefined ? {} : { open: props.open })}
      {...(props.onOpenChange ? { onOpenChange: props.onOpenChange } : {})}
      trigger={
        <Button
          kind="ghost"
          size="icon-sm"
          className="-mr-1.5"
          aria-label={t('actionsFor', { name: container.name })}
          tabIndex={-1}
        >
          <MoreHorizontal />
        </Button>
      }
    >
      {props.links ? (
        <>
          <MenuItem onSelect={() => router.push(`${base}?tab=logs`)}>
            <ScrollText />
            {t('tabs.logs')}
          </MenuItem>
          <MenuItem onSelect={() => router.push(`${base}?tab=terminal`)}>
            <Terminal />
            {t('tabs.terminal')}
          </MenuItem>
          <MenuSeparator />
        </>
      ) : null}
      {verbs
        .filter(({ verb }) => verbStates[verb].has(container.state))
        .map(({ verb, icon: Icon, permission: needed }) => {
          const why = permission(needed) ?? capability(container, `containers.${verb}`)
          return (
            <MenuItem
              key={verb}
              danger={verb === 'remove' || verb === 'kill'}
              className={why ? 'opacity-60' : ''}
              title={why ?? undefined}
              onSelect={() => (why ? toast('warn', t(`verbs.${verb}`), why) : props.onVerb(verb))}
            >
              <Icon />
              {t(`verbs.${verb}`)}
            </MenuItem>
          )
        })}
    </Menu>
  )
}
