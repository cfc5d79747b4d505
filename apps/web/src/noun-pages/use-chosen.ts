'use client'

import { toast } from '@flotilla/ui'
import { useTranslations } from 'use-intl'
import { useErrorText } from '../data/error-note.tsx'

/** All rows that match a list's filters now, as many as one operation takes. */
export type Matching<Row> = () => Promise<readonly Row[]>

/** What a question is about: these rows, or whatever matches when it is confirmed. */
export interface Chosen<Row> {
  rows: readonly Row[]
  /** Where all that match were chosen: those that match by now; null where that was not answered, as is told then. */
  again?: () => Promise<readonly Row[] | null>
}

/** Asks for all that match; null where that was not answered, as is told here. */
export function useMatching<Row>(matching: Matching<Row> | undefined): () => Promise<readonly Row[] | null> {
  const t = useTranslations('table')
  const errorText = useErrorText()
  return async () => {
    try {
      return (await matching?.()) ?? null
    } catch (error) {
      toast('bad', t('matchingFailed'), errorText(error))
      return null
    }
  }
}

/** The rows that a verb is asked of, or all that match; null where there are none. */
export function useChosen<Row>(matching: Matching<Row> | undefined) {
  const again = useMatching(matching)
  return async (chosen: readonly Row[], isAll = false): Promise<Chosen<Row> | null> => {
    const rows = isAll ? await again() : chosen
    if (rows === null || rows.length === 0) return null
    return isAll ? { rows, again } : { rows }
  }
}
