import { type Spread, percentile, spreadOf } from './statistics.ts'

/** What a figure is held against: below or above a number, or at most so much of the peer's median. */
export type Target = { atMost: number } | { ratioAtMost: number }

export type Unit =
  | 'ms'
  | 's'
  | 'kB'
  | 'MB'
  | 'kB/s'
  | '% of a core'
  | 'lines/s'
  | 'changes/s'
  | 'messages/s'
  | 'calls/s'

/** One line of the report. */
export interface Figure {
  what: string
  unit: Unit
  ours: Spread
  /** By name: Docker, bare runc. Only the first one is what the ratio is taken of. */
  peers: { name: string; spread: Spread }[]
  ratio: number | null
  target: Target | null
  met: boolean | null
  note?: string
}

export interface Judged {
  what: string
  unit: Unit
  ours: readonly number[]
  peers?: readonly { name: string; values: readonly number[] }[]
  /** What of the measurements counts. The median unless told otherwise. */
  percent?: number
  target?: Target
  note?: string
}

export function judge({ what, unit, ours, peers = [], percent = 50, target, note }: Judged): Figure {
  const at = (values: readonly number[]): Spread => ({ ...spreadOf(values), median: percentile(values, percent) })
  const own = at(ours)
  const others = peers.map(({ name, values }) => ({ name, spread: at(values) }))
  const ratio = others[0] === undefined ? null : own.median / others[0].spread.median
  return {
    ...{ what, unit, ours: own, peers: others, ratio, target: target ?? null, met: isMet(own.median, ratio, target) },
    ...(note === undefined ? {} : { note }),
  }
}

function isMet(value: number, ratio: number | null, target: Target | undefined): boolean | null {
  if (target === undefined) return null
  if ('atMost' in target) return value < target.atMost
  if (ratio === null) throw new Error('A ratio was asked for and there is no peer.')
  return ratio <= target.ratioAtMost
}
