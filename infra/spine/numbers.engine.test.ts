import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import type { FleetContainer } from '@flotilla/protocol'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { type Platform, startPlatform } from '@flotilla/testkit/lab/platform'
import { until } from '@flotilla/testkit/lab/tab'
import { type Fleet, fleetOf } from './fleet.ts'
import { firstDifference, writer } from './writer.ts'

/** At full length it takes some two minutes: FLOTILLA_LONG=1. */
const long = process.env['FLOTILLA_LONG'] === '1'
const { seconds, kills } = long ? { seconds: 60, kills: 30 } : { seconds: 3, kills: 2 }
const containers = 20
const linesASecond = 1000
/** So many end while no agent lives. */
const unseen = 5

let platform: Platform
let fleet: Fleet

beforeAll(async () => {
  platform = await startPlatform()
  fleet = fleetOf(platform)
})
afterAll(() => platform?.close())

const states = async (of: readonly FleetContainer[]) => Promise.all(of.map(({ id }) => fleet.inspect(id)))
const log = async (id: string, query = '') => {
  const response = await fetch(`${platform.url}/api/v1/containers/${id}/logs${query}`, {
    headers: { authorization: `Bearer ${platform.apiKey}`, accept: 'text/plain' },
  })
  expect(response.status).toBe(200)
  return response.text()
}

/** Whether the kernel has no process of it any more. */
function hasEnded({ nativeId }: FleetContainer): boolean {
  const files = ['pids', ''].map((hierarchy) =>
    join('/sys/fs/cgroup', hierarchy, `flotilla-${platform.instance}`, nativeId, 'cgroup.procs'),
  )
  return files.every((path) => !existsSync(path) || readFileSync(path, 'utf8') === '')
}

const codeOf = (at: number) => 10 + at

test(
  `${containers} containers write ${linesASecond} numbered lines a second for ${seconds} s while the agent is killed ${kills} times: each number once and in order, every exit code right`,
  async () => {
    const total = seconds * linesASecond
    const made: FleetContainer[] = []
    for (let at = 0; at < containers; at += 1) {
      // The last five wait for a word before they end, so that they end while nobody looks.
      const last = at >= containers - unseen ? 'until [ -e /go ]; do sleep 0.1; done' : ':'
      const script = `${writer(total, linesASecond)}; ${last}; exit ${codeOf(at)}`
      made.push(await fleet.shell(script, { name: `writer-${at}` }))
    }
    for (const { id } of made) await fleet.change('start', id)

    const started = Date.now()
    let killed = 0
    while (killed < kills) {
      const due = started + ((killed + 1) * seconds * 1000) / (kills + 1)
      await sleep(Math.max(0, due - Date.now()))
      await platform.killAgent()
      killed += 1
      await platform.startAgent()
    }
    const seen = made.slice(0, -unseen)
    const waiting = made.slice(-unseen)
    await until('the ends', async () => (await states(seen)).every(({ state }) => state === 'exited'), 240_000)
    await until(
      'the last lines',
      async () =>
        (await Promise.all(waiting.map(({ id }) => log(id, '?tail=1')))).every((line) => line === `${total}\n`),
      240_000,
    )

    for (const { id } of waiting) await fleet.exec(id, ['sh', '-c', '(sleep 1; touch /go) >/dev/null 2>&1 &'])
    await platform.killAgent()
    await until('five ends with no agent', () => waiting.every(hasEnded), 30_000)
    await platform.startAgent()
    for (const [at, { state, exitCode }] of (await states(made)).entries()) {
      expect([at, state, exitCode]).toEqual([at, 'exited', codeOf(at)])
    }

    const wanted = Array.from({ length: total }, (_, at) => `${at + 1}\n`).join('')
    for (const { id } of made) expect(firstDifference(await log(id), wanted)).toBe(null)
  },
  long ? 600_000 : 120_000,
)
