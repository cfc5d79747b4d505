'use client'

import { useQueryClient } from '@tanstack/react-query'
import { createContext, useContext, useEffect, useMemo, useState, useSyncExternalStore, type ReactNode } from 'react'
import { trpcFor } from '../data/trpc.ts'
import type { LiveChannel, LiveStatus } from './channel.ts'
import { loadChannel } from './load-channel.ts'
import { FleetMerger } from './fleet-merger.ts'

const Context = createContext<LiveChannel | null>(null)

/** Opens the live channel for a signed-in person and keeps every list true with what it says. */
export function LiveProvider({ children }: { children: ReactNode }) {
  const queryClient = useQueryClient()
  const [channel, setChannel] = useState<LiveChannel | null>(null)
  useEffect(() => {
    const ended = new AbortController()
    void loadChannel(ended.signal).then((opened) => {
      if (opened === null) return
      const merger = new FleetMerger(queryClient)
      const session = trpcFor(queryClient).session.me.pathKey()
      const off = [
        opened.onFleet((changes) => merger.merge(changes)),
        opened.onReset(() => merger.reset()),
        // Signed out in another tab, or a right that was taken away: the frame leads to the sign-in page.
        opened.onRefusal(() => void queryClient.invalidateQueries({ queryKey: session })),
      ]
      setChannel(opened)
      ended.signal.addEventListener('abort', () => {
        for (const end of off) end()
        merger.close()
        opened.close()
      })
    })
    return () => {
      ended.abort()
      setChannel(null)
    }
  }, [queryClient])
  return <Context.Provider value={channel}>{children}</Context.Provider>
}

/** The channel; null in the first moment of a page. */
export function useLive(): LiveChannel | null {
  return useContext(Context)
}

const unknownStatus: LiveStatus = { connected: false, lastSeenAt: null }

export function useLiveStatus(): LiveStatus {
  const channel = useLive()
  const subscribe = useMemo(() => (listener: () => void) => channel?.onStatus(listener) ?? (() => undefined), [channel])
  return useSyncExternalStore(
    subscribe,
    () => channel?.status ?? unknownStatus,
    () => unknownStatus,
  )
}
