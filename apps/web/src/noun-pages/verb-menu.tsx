'use client'

import { Button, Menu, MenuItem, MenuSeparator, toast } from '@flotilla/ui'
import { MoreHorizontal } from 'lucide-react'
import { Fragment } from 'react'
import { useTranslations } from 'use-intl'
import { usePermissionReason } from '../data/guarded-button.tsx'
import type { Verb, VerbGroups } from './verb.ts'

/** All that can be done to one thing. What cannot says why when it is chosen. */
export function VerbMenu<Row>(props: {
  row: Row
  /** What the thing is called. */
  name: string
  verbs: VerbGroups<Row>
  open?: boolean
  onOpenChange?: (open: boolean) => void
}) {
  const t = useTranslations('table')
  const { row } = props
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
          aria-label={t('actionsFor', { name: props.name })}
          tabIndex={-1}
        >
          <MoreHorizontal />
        </Button>
      }
    >
      {props.verbs.map((group, index) => (
        <Fragment key={index}>
          {index > 0 ? <MenuSeparator /> : null}
          {group
            .filter((verb) => verb.suits?.(row) ?? true)
            .map((verb) => (
              <VerbItem key={verb.name} verb={verb} row={row} />
            ))}
        </Fragment>
      ))}
    </Menu>
  )
}

function VerbItem<Row>({ verb, row }: { verb: Verb<Row>; row: Row }) {
  const permission = usePermissionReason()
  const why = (verb.permission ? permission(verb.permission) : null) ?? verb.why?.(row) ?? null
  return (
    <MenuItem
      danger={verb.isDanger ?? false}
      className={why === null ? '' : 'opacity-60'}
      title={why ?? undefined}
      onSelect={() => (why === null ? verb.run([row]) : toast('warn', verb.title, why))}
    >
      <verb.icon />
      {verb.title}
    </MenuItem>
  )
}
