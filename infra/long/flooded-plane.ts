import { readFileSync } from 'node:fs'
import { performance } from 'node:perf_hooks'
import { createInterface } from 'node:readline'
import { openControlPlane } from '../../apps/control-plane/src/testing/open-control-plane.ts'

// A control plane that says how long its event loop was held up. It prints where it listens and a viewer's key, and for each line
// that it reads a line of figures since the one before.

const everyMs = 10
let held: number[] = []

/** Milliseconds that the thread of the event loop has had a processor: what it waited for one is another program's doing. */
const processorMs = () => Number(readFileSync('/proc/self/schedstat', 'utf8').split(' ')[0]) / 1e6

function watchLoop(): void {
  let [at, used] = [performance.now(), processorMs()]
  setInterval(() => {
    const [now, usedNow] = [performance.now(), processorMs()]
    held.push(Math.max(0, Math.min(now - at - everyMs, usedNow - used)))
    ;[at, used] = [now, usedNow]
  }, everyMs)
}

/** The delay below which so large a part of the time was: a delay of a second is met by all who come in it. */
function quantileOf(delays: readonly number[], part: number): number {
  const sorted = [...delays].sort((a, b) => a - b)
  const whole = sorted.reduce((sum, delay) => sum + delay + everyMs, 0)
  let passed = 0
  for (const delay of sorted) {
    passed += delay + everyMs
    if (passed >= part * whole) return delay
  }
  return 0
}

async function main(): Promise<void> {
  const plane = await openControlPlane()
  const { key } = await plane.person('viewer')
  watchLoop()
  process.stdout.write(`${JSON.stringify({ port: plane.port, key })}\n`)
  for await (const line of createInterface({ input: process.stdin })) {
    if (line === 'end') break
    const figures = { p99Ms: quantileOf(held, 0.99), rssMiB: process.memoryUsage().rss >> 20 }
    held = []
    process.stdout.write(`${JSON.stringify(figures)}\n`)
  }
  await plane.dispose()
  process.exit(0)
}

main().catch((error: unknown) => {
  process.stderr.write(`${String(error)}\n`)
  process.exit(1)
})
