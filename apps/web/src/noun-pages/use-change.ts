'use client'

import { useQueryClient } from '@tanstack/react-query'
import { useState } from 'react'
import type { NounName } from '../navigation/nouns.ts'

/** A change that a dialog asks for: what it answered, or null and `failure`. The noun's list is asked for again. */
export function useChange(noun: NounName) {
  const queryClient = useQueryClient()
  const [failure, setFailure] = useState<unknown>(null)
  const [busy, setBusy] = useState(false)
  const change = async <Answer>(ask: () => Promise<Answer>): Promise<Answer | null> => {
    setBusy(true)
    setFailure(null)
    try {
      const answer = await ask()
      void queryClient.invalidateQueries({ queryKey: [[noun]] })
      return answer
    } catch (error) {
      setFailure(error)
      return null
    } finally {
      setBusy(false)
    }
  }
  return { change, failure, busy }
}
