import { setTimeout as sleep } from 'node:timers/promises'
import { readFileSync } from 'node:fs'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { type Platform, startPlatform } from '@flotilla/testkit/lab/platform'
import { logBatches, openTab, type Tab, until } from '@flotilla/testkit/lab/tab'
import { type Fleet, fleetOf } from './fleet.ts'

/** At full length it takes some three minutes: FLOTILLA_LONG=1. */
const long = process.env['FLOTILLA_LONG'] === '1'
const { megabytes, stallMs } = long ? { megabytes: 1000, stallMs: 60_000 } : { megabytes: 60, stallMs: 5000 }
const lineBytes = 1000
const mostGrowth = 20 * 1024 * 1024

let platform: Platform
let fleet: Fleet
let tab: Tab

beforeAll(async () => {
  platform = await startPlatform()
  fleet = fleetOf(platform)
  tab = await openTab(platform)
})
afterAll(async () => {
  tab?.close()
  await platform?.close()
})

const padding = ' '.repeat(lineBytes - 11)
const lineOf = (number: number) => `${String(number).padStart(9)} ${padding}`

/** So many numbered lines of a thousand bytes, as fast as they are taken. */
const flood = (lines: number) =>
  fleet.create({
    command: [
      'awk',
      `BEGIN { s = sprintf("%${lineBytes - 11}s", ""); for (i = 1; i <= ${lines}; i++) printf "%9d %s\\n", i, s }`,
    ],
  })

/** Reads a log to its end, waits before it takes the first piece for good, and tells what it was shown. */
async function watch(id: string, stalls: number) {
  const seen = { shown: 0, skipped: 0, wrong: [] as string[] }
  let begun = ''
  let afterGap = false
  let first = true
  const take = (text: string) => {
    const wanted = lineOf(seen.shown + seen.skipped + 1)
    // The beginning of a line may be among what was dropped.
    if (text !== wanted && !(afterGap && wanted.endsWith(text)))
      seen.wrong.push(`${wanted.slice(0, 9)}: ${text.slice(0, 9)}`)
    seen.shown += 1
    afterGap = false
  }
  const stream = await tab.open({ kind: 'logs', input: { id, follow: true } }, async (piece) => {
    if (first) await sleep(stalls)
    first = false
    for (const { lines, gap } of logBatches(piece)) {
      if (gap !== undefined) {
        seen.skipped += gap.lines ?? Number.NaN
        begun = ''
        afterGap = true
      }
      for (const { text, partial } of lines) {
        begun += text
        if (partial === true) continue
        take(begun)
        begun = ''
      }
    }
  })
  return { seen, ended: stream.ended }
}

test(
  `${megabytes} MB of log into a tab that stands still for ${stallMs / 1000} s cost agent and control plane at most 20 MB each, and each line is shown or told as skipped`,
  async () => {
    // What running code and its first buffers cost is there before: a log that is read at once.
    const warm = await flood(50_000)
    await fleet.change('start', warm.id)
    expect(await (await watch(warm.id, 0)).ended).not.toHaveProperty('error')

    const lines = (megabytes * 1_000_000) / lineBytes
    const memory = { agent: residents(platform.agentPid), controlPlane: residents(platform.controlPlanePid) }
    const { id } = await flood(lines)
    await fleet.change('start', id)
    const { seen, ended } = await watch(id, stallMs)
    const ticks = setInterval(() => Object.values(memory).forEach((one) => one.look()), 100)
    try {
      expect(await ended).not.toHaveProperty('error')
      await until('the end', async () => (await fleet.inspect(id)).state === 'exited')
    } finally {
      clearInterval(ticks)
    }
    process.stdout.write(
      `shown ${seen.shown}, skipped ${seen.skipped}; grown: agent ${memory.agent.grown() >> 20} MiB, control plane ${memory.controlPlane.grown() >> 20} MiB\n`,
    )
    expect(seen.wrong.slice(0, 5)).toEqual([])
    expect(seen.shown + seen.skipped).toBe(lines)
    expect(memory.agent.grown()).toBeLessThan(mostGrowth)
    expect(memory.controlPlane.grown()).toBeLessThan(mostGrowth)
  },
  long ? 900_000 : 180_000,
)

/** The resident memory of a process beyond what it is now, at its highest. */
function residents(pid: number) {
  const now = () => Number(/VmRSS:\s+(\d+)/.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1] ?? 0) * 1024
  const before = now()
  let most = before
  return { look: () => (most = Math.max(most, now())), grown: () => most - before }
}
