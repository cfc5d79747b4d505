import type { FakeContainer } from './container.ts'

const tickMs = 10
/** One that died starts again after so many more have died: about half a second at 200 changes a second. */
const downtime = 50

/**
 * Lets running containers die and start again, one after the other, so many times a second in all. A row's `finishedAt` or
 * `startedAt` is when its change happened. Gives what ends it.
 */
export function churn(containers: ReadonlyMap<string, FakeContainer>, changesPerSecond: number): () => void {
  const running = [...containers.values()].filter((one) => one.running)
  if (changesPerSecond <= 0 || running.length === 0) return () => {}
  const down: FakeContainer[] = []
  let next = 0
  const change = () => {
    if (down.length >= Math.min(downtime, running.length)) {
      const oldest = down.shift()
      if (oldest !== undefined && containers.has(oldest.id)) oldest.start() // else somebody removed it
      return
    }
    const container = running[next % running.length]
    next += 1
    if (container?.running !== true) return // somebody else ended it
    container.signal('KILL')
    down.push(container)
  }
  const begun = performance.now()
  let made = 0
  const timer = setInterval(() => {
    const due = Math.floor(((performance.now() - begun) / 1000) * changesPerSecond)
    // After a pause of the process it goes on rather than catch up: what dies in this turn is down only after it.
    made = Math.max(made, due - downtime / 2)
    for (; made < due; made += 1) change()
  }, tickMs)
  return () => clearInterval(timer)
}
