'use client'

import { Button, cn, Menu, MenuItem } from '@flotilla/ui'
import { Check, ChevronDown, X } from 'lucide-react'
import type { ReactNode } from 'react'
import { useTranslations } from 'use-intl'

export interface Choice {
  value: string
  label: ReactNode
  count?: number
}

/** A filter that lives in the address: choose one or several values; the cross takes it away. */
export function FilterChip(props: {
  name: string
  values: readonly string[]
  choices: readonly Choice[]
  several?: boolean
  onChange: (values: string[]) => void
}) {
  const t = useTranslations('table')
  const on = props.values.length > 0
  const shown = props.choices.filter((choice) => props.values.includes(choice.value)).map((choice) => choice.label)
  const pick = (value: string) => {
    if (!props.several) return props.onChange(props.values.includes(value) ? [] : [value])
    props.onChange(
      props.values.includes(value) ? props.values.filter((each) => each !== value) : [...props.values, value],
    )
  }
  return (
    <span
      className={cn(
        'inline-flex h-8 items-center rounded-md border max-sm:h-10',
        on ? 'border-accent/50 bg-accent/10' : 'border-dashed border-line-strong',
      )}
    >
      <Menu
        trigger={
          <Button kind="ghost" size="sm" className={cn('border-0 hover:bg-transparent', on && 'text-fg')}>
            <span>{props.name}</span>
            {shown.map((label, index) => (
              <span key={index} className="max-w-28 truncate font-medium">
                {label}
              </span>
            ))}
            {on ? null : <ChevronDown className="text-faint" />}
          </Button>
        }
      >
        {props.choices.map((choice) => (
          <MenuItem
            key={choice.value}
            role="menuitemcheckbox"
            aria-checked={props.values.includes(choice.value)}
            hint={choice.count}
            onSelect={(event) => {
              if (props.several) event.preventDefault()
              pick(choice.value)
            }}
          >
            <Check className={props.values.includes(choice.value) ? '' : 'invisible'} />
            {choice.label}
          </MenuItem>
        ))}
      </Menu>
      {on ? (
        <Button
          kind="ghost"
          size="icon-sm"
          className="mr-0.5 size-6"
          aria-label={t('clearFilter', { name: props.name })}
          onClick={() => props.onChange([])}
        >
          <X />
        </Button>
      ) : null}
    </span>
  )
}
