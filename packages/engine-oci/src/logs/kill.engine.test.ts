import { setTimeout as sleep } from 'node:timers/promises'
import { once } from 'node:events'
import { existsSync } from 'node:fs'
import { createInterface } from 'node:readline'
import { fileURLToPath } from 'node:url'
import { spawn } from '@flotilla/host'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { buildChild } from '@flotilla/testkit/built-child'
import { makePlace, type Opened, openEngine, type Place, removeAll, testImage } from '../testing/engine-fixture.ts'

const isLong = process.env.FLOTILLA_LONG === '1'
const seconds = isLong ? 60 : 6
const kills = isLong ? 30 : 3
const count = isLong ? 20 : 8
const orphans = 5
const childSource = fileURLToPath(new URL('../testing/agent-child.ts', import.meta.url))
let place: Place
let child = ''

beforeAll(async () => {
  place = await makePlace()
  child = await buildChild(childSource, place.folder)
})
afterAll(() => place.remove())

/** An agent in a process of its own, ready; killing it is the test's. */
async function agent() {
  const process_ = spawn([process.execPath, child, JSON.stringify(place)], {
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  if (process_.stdout === null) throw new Error('no standard output')
  const lines = createInterface({ input: process_.stdout })
  await once(lines, 'line')
  return async () => {
    process_.kill('SIGKILL')
    await once(process_, 'exit')
  }
}

/** Some 1,000 numbered lines a second, by a hundred at a time; then its own exit code. */
const script = (rounds: number, code: number) =>
  `n=0; while [ $n -lt ${rounds} ]; do seq $((n*100+1)) $((n*100+100)); n=$((n+1)); sleep 0.1; done; exit ${code}`

async function readAll(on: Opened, id: string): Promise<{ numbers: number[]; skipped: number }> {
  const numbers: number[] = []
  let skipped = 0
  for await (const batch of on.client.containers.logs({ id })) {
    skipped += batch.gap?.lines ?? 0
    for (const line of batch.lines) numbers.push(Number(line.text))
  }
  return { numbers, skipped }
}

it(
  `writes each line once and in order while the agent is killed ${kills} times, and tells every exit code`,
  async () => {
    const first = await openEngine(place)
    const made: { id: string; code: number; lines: number }[] = []
    for (let index = 0; index < count; index += 1) {
      // The last five end after the last agent was killed, and before the next one starts.
      const rounds = index < count - orphans ? (seconds - 2) * 9 : (seconds + 4) * 10
      const spec = {
        image: testImage,
        network: 'none' as const,
        command: ['/bin/sh', '-c', script(rounds, 10 + index)],
      }
      const { container } = await first.client.containers.create(spec)
      made.push({ id: container.id, code: 10 + index, lines: rounds * 100 })
    }
    await Promise.all(made.map(({ id }) => first.client.containers.start({ id })))
    const pids: number[] = []
    for (const { id } of made.slice(count - orphans)) {
      pids.push((await first.client.containers.inspect({ id })).pid ?? 0)
    }
    const begun = performance.now()
    await first.close()
    for (let number = 0; number < kills; number += 1) {
      const kill = await agent()
      const until = begun + ((number + 1) * seconds * 1000) / kills
      await sleep(Math.max(0, until - performance.now()))
      await kill()
    }
    const alone = Date.now()
    // Nobody is there while the last ones end.
    while (pids.some((pid) => existsSync(`/proc/${pid}`))) await sleep(200)
    await sleep(1000)
    const back = Date.now()
    const last = await openEngine(place)
    let unseen = 0
    try {
      for (const { id, code, lines } of made) {
        expect(await last.client.containers.wait({ id })).toEqual({ exitCode: code })
        const { container } = await last.client.containers.inspect({ id })
        const ended = Date.parse(container.finishedAt ?? '')
        if (ended > alone && ended < back) unseen += 1
        const { numbers, skipped } = await readAll(last, id)
        expect(numbers.length + skipped).toBe(lines)
        expect(numbers).toEqual(Array.from({ length: numbers.length }, (_, index) => skipped + index + 1))
      }
      expect(unseen).toBe(orphans)
    } finally {
      await removeAll(last)
      await last.close()
    }
  },
  isLong ? 240_000 : 90_000,
)
