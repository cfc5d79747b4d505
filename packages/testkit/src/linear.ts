import { expect } from 'vitest'

const short = 100_000
const factor = 10
/** Ten, and what the collector and the processor's caches add; of work that grows with the square it would be a hundred. */
const mostRatio = 18
const mostTries = 8
/** Less than this, in microseconds, is the clock's and the collector's own noise. */
const noiseUs = 2_000

/**
 * Expects work on 1 MB of a repeated text to take some ten times what 100 kB take. Processor time of this process
 * is compared with itself, and of several tries the shortest counts: a machine under load changes nothing.
 */
export function expectLinear(piece: string, work: (text: string) => unknown): void {
  const texts = [short, short * factor].map((length) => piece.repeat(Math.ceil(length / piece.length)))
  const least = [Infinity, Infinity]
  let ratio = Infinity
  for (let tries = 0; tries < mostTries && ratio > mostRatio; tries += 1) {
    for (const [at, text] of texts.entries()) {
      // Another text each time, for work that remembers.
      const time = timeOf(() => work(`${text}${tries}`))
      least[at] = Math.min(least[at] ?? Infinity, time)
    }
    ratio = (least[1] ?? Infinity) / Math.max(least[0] ?? 0, noiseUs)
  }
  expect(ratio, `1 MB of ${JSON.stringify(piece)} beside 100 kB`).toBeLessThanOrEqual(mostRatio)
}

function timeOf(work: () => unknown): number {
  const start = process.cpuUsage()
  work()
  const { user, system } = process.cpuUsage(start)
  return user + system
}
