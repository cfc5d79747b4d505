import { toast } from '@flotilla/ui'
import { useState, type Dispatch, type SetStateAction } from 'react'
import { useTranslations } from 'use-intl'
import type { Draft } from './draft.ts'
import { parseDockerRun } from './parse-docker-run.ts'

/** Fills the form from a `docker run` line that was pasted; `ignored` are its words that have no place here. */
export function usePastedRun(onDraft: Dispatch<SetStateAction<Draft>>, onApplied: () => void) {
  const t = useTranslations('run')
  const [ignored, setIgnored] = useState<readonly string[]>([])
  /** Answers whether the text is such a line. */
  const take = (line: string): boolean => {
    const parsed = parseDockerRun(line)
    if (parsed === null) return false
    onDraft((before) => ({ ...parsed.draft, hostId: before.hostId, engine: before.engine }))
    setIgnored(parsed.ignored)
    onApplied()
    toast('ok', t('pasted'))
    return true
  }
  return { ignored, forget: () => setIgnored([]), take }
}
