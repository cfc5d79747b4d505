'use client'

import type { ExecSession, FleetContainer } from '@flotilla/protocol'
import { toast } from '@flotilla/ui'
import { useQuery, useQueryClient } from '@tanstack/react-query'
import { useEffect, useRef, useState } from 'react'
import { useTranslations } from 'use-intl'
import { useErrorText } from '../../../data/error-note.tsx'
import { newOperationId } from '../../../data/operation-id.ts'
import { client, useTrpc } from '../../../data/trpc.ts'
import { useUrlState } from '../../../navigation/url-state.ts'
import { withSession } from './shells.ts'

/**
 * The shells of a container: they live on the host, and the address names the one that is shown. The first look goes to one that was
 * left running, or opens one with `command`.
 */
export function useShells(container: FleetContainer, command: () => string[]) {
  const t = useTranslations('container.terminal')
  const trpc = useTrpc()
  const queryClient = useQueryClient()
  const url = useUrlState()
  const errorText = useErrorText()
  const [error, setError] = useState<unknown>(null)
  const [opening, setOpening] = useState(false)
  const options = trpc.containers.listExec.queryOptions({ id: container.id }, { staleTime: 0 })
  const list = useQuery(options)
  const sessions = (list.data ?? []).filter((session) => session.tty)
  const active = sessions.find((session) => session.id === url.get('session'))
  const show = (session: ExecSession | undefined) => url.set({ session: session?.id ?? null })

  const open = async (words: string[]) => {
    setOpening(true)
    setError(null)
    try {
      const session = await client.containers.createExec.mutate({
        id: container.id,
        operationId: newOperationId(),
        command: words,
        tty: true,
        env: { TERM: 'xterm-256color', COLORTERM: 'truecolor', LANG: 'C.UTF-8' },
      })
      queryClient.setQueryData(options.queryKey, (before: ExecSession[] | undefined) =>
        withSession(before ?? [], session),
      )
      show(session)
    } catch (thrown) {
      setError(thrown)
    }
    setOpening(false)
  }
  const close = async (session: ExecSession) => {
    const left = sessions.filter((each) => each.id !== session.id)
    queryClient.setQueryData(options.queryKey, left)
    if (session.id === active?.id) show(left.at(-1))
    try {
      await client.containers.removeExec.mutate({ id: container.id, session: session.id })
    } catch (thrown) {
      toast('bad', t('notEnded'), errorText(thrown))
      void list.refetch() // it may run on
    }
  }
  const began = useRef(false)
  useEffect(() => {
    if (!list.isSuccess || list.isFetching || began.current) return
    began.current = true
    if (active) return
    const running = sessions.findLast((session) => session.state === 'running')
    if (running) show(running)
    else void open(command())
  })
  return { list, sessions, active, show, open: (words: string[]) => void open(words), close, opening, error }
}

export type Shells = ReturnType<typeof useShells>
