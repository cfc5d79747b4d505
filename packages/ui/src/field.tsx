import { useId, type ReactNode } from 'react'
import { cn } from './cn.ts'

/** What a control in a field takes from it. */
export interface FieldControl {
  id: string
  'aria-describedby': string | undefined
  'aria-invalid': boolean | undefined
}

/** A labelled control with its hint and its error, tied together for readers. */
export function Field(props: {
  label: ReactNode
  hint?: ReactNode
  error?: ReactNode
  optional?: ReactNode
  className?: string
  children: (control: FieldControl) => ReactNode
}) {
  const id = useId()
  const described = [props.hint ? `${id}-hint` : '', props.error ? `${id}-error` : ''].filter(Boolean).join(' ')
  return (
    <div className={cn('flex min-w-0 flex-col gap-1', props.className)}>
      <label htmlFor={id} className="flex items-baseline justify-between gap-2 text-sm font-medium">
        {props.label}
        {props.optional ? <span className="text-xs font-normal text-faint">{props.optional}</span> : null}
      </label>
      {props.children({
        id,
        'aria-describedby': described === '' ? undefined : described,
        'aria-invalid': props.error ? true : undefined,
      })}
      {props.hint ? (
        <p id={`${id}-hint`} className="text-xs text-muted">
          {props.hint}
        </p>
      ) : null}
      {props.error ? (
        <p id={`${id}-error`} role="alert" className="text-xs text-bad">
          {props.error}
        </p>
      ) : null}
    </div>
  )
}
