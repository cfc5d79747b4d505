'use client'

import type { Stats } from '@flotilla/protocol'
import { useEffect, useState } from 'react'
import { useLive } from '../../../live/live-provider.tsx'
import type { StreamFailure } from '../../../live/stream.ts'
import { addSample, type UsagePoint } from './stats-history.ts'

/** What earlier looks at a container have seen, so that going from tab to tab does not begin anew. Few are kept. */
const histories = new Map<string, readonly UsagePoint[]>()
const mostHistories = 8

function remember(container: string, points: readonly UsagePoint[]): void {
  histories.delete(container)
  histories.set(container, points)
  const [oldest] = histories.keys()
  if (histories.size > mostHistories && oldest !== undefined) histories.delete(oldest)
}

/** A running container's usage, one sample a second, sampled only while it is watched. */
export function useStats(
  container: string,
  running: boolean,
): { points: readonly UsagePoint[]; failure: StreamFailure | null } {
  const channel = useLive()
  const [points, setPoints] = useState<readonly UsagePoint[]>(() => histories.get(container) ?? [])
  const [failure, setFailure] = useState<StreamFailure | null>(null)
  useEffect(() => {
    if (channel === null || !running) return
    const decoder = new TextDecoder()
    const stream = channel.open(() => ({ kind: 'stats', input: { id: container, intervalMs: 1000 } }))
    stream.onBytes = (bytes, done) => {
      let next = histories.get(container) ?? []
      for (const stats of JSON.parse(decoder.decode(bytes)) as Stats[]) next = addSample(next, stats)
      remember(container, next)
      setPoints(next)
      done()
    }
    stream.onState = () => setFailure(stream.state === 'ended' ? stream.failure : null)
    return () => stream.close()
  }, [channel, container, running])
  return { points, failure }
}
