'use client'

import { createContext, useContext, type ReactNode } from 'react'
import type { Draft, FieldName } from './draft.ts'

/** What is wrong, by field, in words. */
export type FieldErrors = Partial<Record<FieldName, ReactNode>>

/** What the form's parts share. */
export interface RunForm {
  draft: Draft
  set: (patch: Partial<Draft>) => void
  /** Ours at once, the server's after a try. */
  errors: FieldErrors
  /** Why an option cannot be used now: its engine lacks it, or the person may not; null where it can. */
  reason: (option?: string, privileged?: boolean) => string | null
  /** What the server refused where that is about a row of a field. */
  refused: { field: FieldName; row: string; part: string | null; error: ReactNode } | null
  /** Where it is to run; null while that is not known. */
  where: { hostId: string; engine?: string } | null
}

const Context = createContext<RunForm | null>(null)

export const RunFormProvider = Context.Provider

export function useRunForm(): RunForm {
  const form = useContext(Context)
  if (form === null) throw new Error('useRunForm is used outside the form')
  return form
}
