import { useEffect, useState } from 'react'
import { useElapsed } from '../../format/clock.ts'
import { Rate } from './progress.ts'

/** Where nothing has moved for so long, what was measured before is no longer so. */
const freshMs = 4000

/** Bytes a second of something whose progress is shown; null while that cannot be told. */
export function useRate(bytes: number | null): number | null {
  const [rate] = useState(() => new Rate())
  const [measured, setMeasured] = useState<{ perSecond: number | null; at: number } | null>(null)
  const now = useElapsed()
  useEffect(() => {
    const at = performance.now()
    if (bytes !== null) setMeasured({ perSecond: rate.add(at, bytes), at })
  }, [bytes, rate])
  return bytes === null || measured === null || now - measured.at > freshMs ? null : measured.perSecond
}
