/** Some measurements of one thing, in their order. */
export interface Spread {
  median: number
  least: number
  most: number
  count: number
}

/** Throws where there is nothing to judge, or something that is no measurement. */
export function spreadOf(values: readonly number[]): Spread {
  const sorted = values.toSorted((a, b) => a - b)
  const [least, most] = [sorted[0], sorted.at(-1)]
  if (least === undefined || most === undefined) throw new Error('There are no measurements.')
  if (!values.every(Number.isFinite)) throw new Error(`Not all of these are measurements: ${values.join(', ')}.`)
  return { median: percentile(sorted, 50), least, most, count: sorted.length }
}

/** By linear interpolation between the two nearest ranks. `percent` from 0 to 100. */
export function percentile(values: readonly number[], percent: number): number {
  const sorted = values.toSorted((a, b) => a - b)
  const at = ((sorted.length - 1) * percent) / 100
  const [below, above] = [sorted[Math.floor(at)], sorted[Math.ceil(at)]]
  if (below === undefined || above === undefined) throw new Error('There are no measurements.')
  return below + (above - below) * (at - Math.floor(at))
}
