'use client'

import { useQuery, useQueryClient } from '@tanstack/react-query'
import { useMemo, useState } from 'react'
import { errorCode } from '../../../data/error.ts'
import { newOperationId } from '../../../data/operation-id.ts'
import { client } from '../../../data/trpc.ts'
import { editable, formOf, written } from './line-ends.ts'

interface Draft {
  /** As a text field has it. */
  text: string
  /** What the file has to be still for this to be written over it. */
  version: string
}

/** A text of a volume while it is edited: as read, as changed here, and whether somebody else has written it meanwhile. */
export function useText(volume: string, path: string) {
  const queryClient = useQueryClient()
  const query = useQuery({
    queryKey: [['volumeFiles', 'readText'], { input: { id: volume, path } }],
    queryFn: ({ signal }) => client.volumeFiles.readText.query({ id: volume, path }, { signal }),
    staleTime: Infinity,
    gcTime: 0,
    retry: false,
  })
  const [draft, setDraft] = useState<Draft | null>(null)
  const [known, setKnown] = useState<Draft | null>(null)
  const [aside, setAside] = useState<Draft | null>(null)
  const [state, setState] = useState<{ isSaving: boolean; error: unknown }>({ isSaving: false, error: null })
  const read = useMemo(() => {
    if (query.data === undefined) return null
    const { text, version } = query.data
    return { text: editable(text), version, form: formOf(text) }
  }, [query.data])
  const base = known ?? read
  const isChanged = draft !== null && draft.text !== base?.text
  const write = async (text: string, expected: string) => {
    if (read === null) return
    setState({ isSaving: true, error: null })
    try {
      const { version } = await client.volumeFiles.writeText.mutate({
        id: volume,
        path,
        text: written(text, read.form),
        expected,
        operationId: newOperationId(),
      })
      setKnown({ text, version })
      // What was typed while it was saved stays.
      setDraft((now) => (now === null || now.text === text ? null : { ...now, version }))
      setState({ isSaving: false, error: null })
      void queryClient.invalidateQueries({ queryKey: [['volumeFiles', 'list']] })
    } catch (error) {
      setState({ isSaving: false, error })
    }
  }
  return {
    value: draft?.text ?? base?.text ?? null,
    /** Its lines end in different ways, which a text field cannot keep. */
    isMixed: read?.form.lineEnd === null,
    isChanged,
    /** What was changed here is set aside for the file as somebody else wrote it. */
    isAside: aside !== null,
    isSaved: known !== null,
    isSaving: state.isSaving,
    isOutdated: errorCode(state.error) === 'CONFLICT',
    saveError: state.error,
    loadError: query.isError ? query.error : null,
    change: (text: string) => setDraft((now) => ({ text, version: now?.version ?? base?.version ?? '' })),
    save: async () => {
      if (draft !== null) await write(draft.text, draft.version)
    },
    /** Takes the file as it is now, and sets aside what was changed here. */
    reload: () => {
      if (isChanged) setAside(draft)
      setDraft(null)
      setKnown(null)
      setState({ isSaving: false, error: null })
      void query.refetch()
    },
    /** Takes what was set aside, and sets aside what has been changed since. */
    bringBack: () => {
      setDraft(aside)
      setAside(isChanged ? draft : null)
    },
    /** Writes what was changed here over the file as it is now. */
    overwrite: async () => {
      if (draft === null) return
      setState({ isSaving: true, error: null })
      try {
        const now = await client.volumeFiles.readText.query({ id: volume, path })
        await write(draft.text, now.version)
      } catch (error) {
        setState({ isSaving: false, error })
      }
    },
  }
}
