'use client'

import type { FleetContainer, Stats } from '@flotilla/protocol'
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

/**
 * A running container's usage, one sample a second, sampled only while it is watched. `now` is the last sample where it tells
 * of the present: of this run, which is watched and goes on.
 */
export function useStats(
  of: Pick<FleetContainer, 'id' | 'startedAt'>,
  running: boolean,
): { points: readonly UsagePoint[]; now: UsagePoint | undefined; failure: StreamFailure | null } {
  const { id: container, startedAt } = of
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
    // Samples end with the run, which a restart may end and begin anew within what is told at once.
  }, [channel, container, startedAt, running])
  const last = points.at(-1)
  const isOfThisRun = last !== undefined && (startedAt === null || last.at * 1000 >= Date.parse(startedAt))
  return { points, now: running && failure === null && isOfThisRun ? last : undefined, failure }
}
