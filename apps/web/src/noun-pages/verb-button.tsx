'use client'

import type { ButtonProps } from '@flotilla/ui'
import { GuardedButton } from '../data/guarded-button.tsx'
import type { Verb } from './verb.ts'

/** A verb as a button on the page of one thing; where it cannot be done it says why. */
export function VerbButton<Row>({
  verb,
  row,
  ...props
}: Pick<ButtonProps, 'kind' | 'size' | 'className' | 'disabled'> & { verb: Verb<Row>; row: Row }) {
  return (
    <GuardedButton
      {...(verb.permission ? { permission: verb.permission } : {})}
      reason={verb.why?.(row)}
      onClick={() => verb.run([row])}
      {...props}
    >
      <verb.icon />
      {verb.title}
    </GuardedButton>
  )
}
