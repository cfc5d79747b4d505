'use client'

import { cn, Field, type FieldControl } from '@flotilla/ui'
import { ShieldAlert } from 'lucide-react'
import type { ReactNode } from 'react'
import { useTranslations } from 'use-intl'
import type { FieldName } from './draft.ts'
import { useRunForm } from './form-context.ts'

/** A field of the form with its error; one that cannot be used is off and says why. */
export function FormField(props: {
  name: FieldName
  label: ReactNode
  hint?: ReactNode
  optional?: ReactNode
  /** The engine's word for it, where engines may lack it. */
  option?: string
  privileged?: boolean
  className?: string
  children: (control: FieldControl & { disabled: boolean; name: string }) => ReactNode
}) {
  const { errors, reason } = useRunForm()
  const why = reason(props.option, props.privileged)
  return (
    <Field
      label={
        <span className="inline-flex items-center gap-1.5">
          {props.label}
          {props.privileged ? <PrivilegedMark /> : null}
        </span>
      }
      hint={why ?? props.hint}
      error={errors[props.name]}
      {...(props.optional ? { optional: props.optional } : {})}
      className={cn(why && 'text-faint', props.className)}
    >
      {(control) => props.children({ ...control, disabled: why !== null, name: props.name })}
    </Field>
  )
}

/** The same for a group of rows, which no single control stands for. */
export function FormGroup(props: {
  name: FieldName
  label: string
  hint?: ReactNode
  action?: ReactNode
  option?: string
  privileged?: boolean
  children?: ReactNode
}) {
  const { errors, reason, refused } = useRunForm()
  const why = reason(props.option, props.privileged)
  // What is about a row stands under it.
  const error = refused?.field === props.name ? undefined : errors[props.name]
  return (
    <fieldset
      disabled={why !== null}
      aria-label={props.label}
      data-field={props.name}
      tabIndex={-1}
      className="min-w-0 focus:outline-none"
    >
      <div className="flex min-h-7 items-center justify-between gap-2">
        <span className={cn('inline-flex items-center gap-1.5 text-sm font-medium', why && 'text-faint')}>
          {props.label}
          {props.privileged ? <PrivilegedMark /> : null}
        </span>
        {props.action}
      </div>
      {props.children}
      {(why ?? props.hint) ? <p className="mt-1 text-xs text-muted">{why ?? props.hint}</p> : null}
      {error ? (
        <p role="alert" className="mt-1 text-xs text-bad">
          {error}
        </p>
      ) : null}
    </fieldset>
  )
}

/** Says that a thing needs more than the right to create; the section above it says the same in words. */
function PrivilegedMark() {
  const t = useTranslations('run')
  return (
    <span aria-hidden title={t('privileged')} className="text-warn">
      <ShieldAlert className="size-3.5" />
    </span>
  )
}
