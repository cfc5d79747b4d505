'use client'

import { toast } from '@flotilla/ui'
import { useQueryClient } from '@tanstack/react-query'
import { useState } from 'react'
import { useTranslations } from 'use-intl'
import { useErrorText } from '../data/error-note.tsx'
import { newOperationId } from '../data/operation-id.ts'
import { titleOf, type Noun, type NounRow } from '../navigation/nouns.ts'
import { type BulkMethod, useBulk } from '../nouns/operations/use-bulk.ts'

export interface Removal<Row, Answer> {
  noun: Noun
  method: BulkMethod
  /** Of its own kind of removal: an image that is used as well. */
  force?: boolean
  removeOne: (row: Row, operationId: string) => Promise<Answer>
  /** What is said of one that went: a title, and what more there is to say. */
  done: (row: Row, answer: Answer) => readonly [string, string?]
}

/** Removes rows: one by a call of its own, which tells its end here; many as one operation of the platform. */
export function useRemoval<Row extends NounRow, Answer>(removal: Removal<Row, Answer>) {
  const { noun, method, force = false } = removal
  const t = useTranslations('dialogs.removal')
  const errorText = useErrorText()
  const queryClient = useQueryClient()
  const bulk = useBulk()
  // One a question: confirmed twice, it is done once.
  const [operationId] = useState(newOperationId)
  const [busy, setBusy] = useState(false)
  const one = async (row: Row): Promise<boolean> => {
    setBusy(true)
    try {
      toast('ok', ...removal.done(row, await removal.removeOne(row, newOperationId())))
      return true
    } catch (error) {
      toast('bad', t('failed', { name: titleOf(noun, row) }), errorText(error))
      return false
    } finally {
      setBusy(false)
      void queryClient.invalidateQueries({ queryKey: [[noun.name, 'list']] })
    }
  }
  const many = (rows: readonly Row[]) => {
    const names = Object.fromEntries(rows.map((row) => [row.id, titleOf(noun, row)]))
    return bulk({ method, ids: rows.map(({ id }) => id), names, force, operationId })
  }
  return { one, many, busy }
}
