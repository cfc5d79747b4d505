'use client'

import { Checkbox, Input } from '@flotilla/ui'
import { useTranslations } from 'use-intl'
import type { Draft } from './draft.ts'
import { useRunForm } from './form-context.ts'
import { FormField } from './form-field.tsx'

type TextField = {
  [K in keyof Draft]: Draft[K] extends string ? K : never
}[keyof Draft]

/** One line of text for one field. */
export function TextInput(props: {
  name: TextField
  placeholder?: string
  option?: string
  privileged?: boolean
  numeric?: boolean
}) {
  const t = useTranslations('run')
  const { draft, set } = useRunForm()
  const hint = hinted.has(props.name) ? t(`hints.${props.name}` as 'hints.user') : undefined
  return (
    <FormField
      name={props.name}
      label={t(`fields.${props.name}` as 'fields.user')}
      {...(hint === undefined ? {} : { hint })}
      {...(props.option ? { option: props.option } : {})}
      {...(props.privileged ? { privileged: true } : {})}
    >
      {(control) => (
        <Input
          {...control}
          value={draft[props.name]}
          placeholder={props.placeholder}
          spellCheck={false}
          autoComplete="off"
          {...(props.numeric ? { inputMode: 'decimal' } : {})}
          className="font-mono text-xs"
          onChange={(event) => set({ [props.name]: event.target.value })}
        />
      )}
    </FormField>
  )
}

const hinted: ReadonlySet<string> = new Set([
  'memory',
  'cpus',
  'pids',
  'storage',
  'entrypoint',
  'user',
  'workingDir',
  'hostname',
  'stopSignal',
  'stopTimeout',
  'capAdd',
  'capDrop',
])

type Toggle =
  | 'readOnlyRoot'
  | 'tty'
  | 'publishAllPorts'
  | 'seccomp'
  | 'maskedPaths'
  | 'pidNamespace'
  | 'ipcNamespace'
  | 'utsNamespace'

/** A box to tick; `on` and `off` are the words it stands for where the option is no plain yes or no. */
export function Check(props: {
  name: Toggle
  label: string
  hint: string
  option?: string
  privileged?: boolean
  on?: string
  off?: string
}) {
  const { draft, set } = useRunForm()
  return (
    <FormField
      name={props.name}
      label={props.label}
      hint={props.hint}
      {...(props.option ? { option: props.option } : {})}
      {...(props.privileged ? { privileged: true } : {})}
      className="grid grid-cols-[auto_1fr] content-start items-start gap-x-2 [&>input]:order-first [&>input]:mt-0.5 [&>p]:col-start-2"
    >
      {(control) => (
        <Checkbox
          {...control}
          checked={draft[props.name] === (props.on ?? true)}
          onChange={(event) => set({ [props.name]: event.target.checked ? (props.on ?? true) : (props.off ?? false) })}
        />
      )}
    </FormField>
  )
}
