'use client'

import { useEffect, useRef, useState } from 'react'
import { useTranslations } from 'use-intl'
import { useLive } from '../../../live/live-provider.tsx'
import { LogSession } from './log-session.ts'

/** Follows a container's log while the page is open. The version grows with each drawing that is due. */
export function useLogSession(
  container: string,
  startedAt: string | null,
): { session: LogSession | null; version: number } {
  const channel = useLive()
  const unreadable = useTranslations('container.logs')('unreadable')
  const [version, setVersion] = useState(0)
  const [session, setSession] = useState<LogSession | null>(null)
  useEffect(() => {
    if (channel === null) return
    const opened = new LogSession({ channel, container, unreadable, onChange: () => setVersion((value) => value + 1) })
    setSession(opened)
    return () => {
      opened.close()
      setSession(null)
    }
  }, [channel, container, unreadable])
  // By its time: a container that ends at once may never have been seen to run.
  const before = useRef(startedAt)
  useEffect(() => {
    if (startedAt !== before.current) session?.startedAgain(startedAt)
    before.current = startedAt
  }, [startedAt, session])
  useEffect(() => session?.acknowledge(), [session, version])
  return { session, version }
}
