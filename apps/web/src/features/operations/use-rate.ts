import { useEffect, useState } from 'react'
import { Rate } from './progress.ts'

/** Bytes a second of something whose progress is shown; null while that cannot be told. */
export function useRate(bytes: number | null): number | null {
  const [rate] = useState(() => new Rate())
  const [perSecond, setPerSecond] = useState<number | null>(null)
  useEffect(() => {
    if (bytes !== null) setPerSecond(rate.add(Date.now(), bytes))
  }, [bytes, rate])
  return bytes === null ? null : perSecond
}
