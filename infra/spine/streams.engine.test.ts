import { createHash } from 'node:crypto'
import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import type { FleetContainer } from '@flotilla/protocol'
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest'
import { type Platform, startPlatform } from '@flotilla/testkit/lab/platform'
import { logBatches, openTab, type Tab, until } from '@flotilla/testkit/lab/tab'
import { type Fleet, fleetOf } from './fleet.ts'
import { openTerminal } from './terminal.ts'
import { firstDifference, writer } from './writer.ts'

// What flows from containers to whoever looks, one after the other over one platform.

/** At full length they take some six minutes: FLOTILLA_LONG=1. */
const long = process.env['FLOTILLA_LONG'] === '1'
let platform: Platform
let fleet: Fleet
const tabs: Tab[] = []

beforeAll(async () => {
  platform = await startPlatform()
  fleet = fleetOf(platform)
})
afterEach(async () => {
  for (const one of tabs.splice(0)) one.close()
  const { items } = await fleet.ok<{ items: FleetContainer[] }>('GET', '/containers')
  for (const { id } of items) await fleet.remove(id)
})
afterAll(() => platform?.close())

async function tab(): Promise<Tab> {
  const opened = await openTab(platform)
  tabs.push(opened)
  return opened
}

describe('a log that is long', () => {
  const { megabytes, stallMs } = long ? { megabytes: 1000, stallMs: 60_000 } : { megabytes: 60, stallMs: 5000 }
  const lineBytes = 1000
  const mostGrowth = 20 * 1024 * 1024

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
  async function watch(viewer: Tab, id: string, stalls: number) {
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
    const stream = await viewer.open({ kind: 'logs', input: { id, follow: true } }, async (piece) => {
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
      const viewer = await tab()
      const warm = await flood(50_000)
      await fleet.change('start', warm.id)
      expect(await (await watch(viewer, warm.id, 0)).ended).not.toHaveProperty('error')

      const lines = (megabytes * 1_000_000) / lineBytes
      const memory = { agent: residents(platform.agentPid), controlPlane: residents(platform.controlPlanePid) }
      const { id } = await flood(lines)
      await fleet.change('start', id)
      const { seen, ended } = await watch(viewer, id, stallMs)
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
})

test('a terminal comes back to the same shell after a reload, a killed agent and a new control plane', async () => {
  const { id } = await fleet.run({})
  const made = { command: ['/bin/sh'], tty: true, columns: 120, rows: 40 }
  const { id: session } = await fleet.ok<{ id: string }>('POST', `/containers/${id}/exec-sessions`, made)
  const first = await tab()
  const before = await openTerminal(first, id, session)
  const shell = await before.ask('echo $$')
  expect(Number(shell)).toBeGreaterThan(1)
  await before.ask('kept=something')

  first.close()
  const second = await tab()
  const reloaded = await openTerminal(second, id, session)
  expect([await reloaded.ask('echo $$ $kept'), await reloaded.ask('stty size')]).toEqual([
    `${shell} something`,
    '40 120',
  ])
  expect(reloaded.screen()).toContain(`${shell}\r\n`)

  await platform.killAgent()
  expect((await reloaded.ended).error?.code).toBe('UNAVAILABLE')
  await platform.startAgent()
  const revived = await openTerminal(second, id, session)
  expect(await revived.ask('echo $$ $kept')).toBe(`${shell} something`)

  await platform.killControlPlane()
  await platform.startControlPlane()
  await platform.connected()
  const again = await openTerminal(await tab(), id, session)
  expect(await again.ask('echo $$ $kept')).toBe(`${shell} something`)
}, 120_000)

test('a paste of 1.7 MB that its shell takes when it likes holds up no other terminal and no log of the same tab', async () => {
  const round = 34_000
  const text = Array.from({ length: 17_000 }, (_, at) => String(at).padStart(100, '.')).join('')
  const take = (rounds: number) =>
    `i=0; while [ $i -lt ${rounds} ]; do dd bs=${round} count=1 iflag=fullblock 2>/dev/null >>/tmp/pasted; i=$((i+1)); done`
  const wait = (name: string) => `until [ -e /tmp/${name} ]; do sleep 0.1; done`
  const script = `stty raw -echo; echo ready; ${wait('half')}; ${take(25)}; ${wait('all')}; ${take(25)}; sha256sum /tmp/pasted`

  const { id } = await fleet.run({ command: ['/bin/sh', '-c', 'while :; do echo tick; sleep 0.2; done'] })
  const open = async (viewer: Tab, command: string[]) => {
    const made = { command, tty: true, columns: 120, rows: 40 }
    const { id: session } = await fleet.ok<{ id: string }>('POST', `/containers/${id}/exec-sessions`, made)
    return openTerminal(viewer, id, session)
  }
  const viewer = await tab()
  const [taker, other] = [await open(viewer, ['/bin/sh', '-c', script]), await open(viewer, ['/bin/sh'])]
  let lines = 0
  await viewer.open({ kind: 'logs', input: { id, follow: true, tail: 0 } }, (piece) => {
    for (const batch of logBatches(piece)) lines += batch.lines.length
  })
  await until('the reader of the paste', () => taker.screen().includes('ready'))

  let isPasted = false
  const pasted = taker.paste(Buffer.from(text)).then(() => (isPasted = true))
  pasted.catch(() => {}) // awaited below
  /** Each is answered, and new lines come, while the paste cannot end. */
  const lookBeside = async () => {
    const before = lines
    for (let at = 0; at < 5; at += 1) {
      const begun = Date.now()
      expect(await other.ask(`echo answer ${at}`)).toBe(`answer ${at}`)
      expect(Date.now() - begun).toBeLessThan(10_000)
    }
    await until('lines of the log', () => lines > before)
    expect(isPasted).toBe(false)
  }
  await lookBeside()
  await other.ask('touch /tmp/half')
  await lookBeside()
  await other.ask('touch /tmp/all')
  await pasted
  const digest = createHash('sha256').update(text).digest('hex')
  await until('the digest of all of it', () => taker.screen().includes(digest), 60_000)
}, 120_000)

describe('logs of many containers', () => {
  const { seconds, kills } = long ? { seconds: 60, kills: 30 } : { seconds: 3, kills: 2 }
  const containers = 20
  const linesASecond = 1000
  /** So many end while no agent lives. */
  const unseen = 5

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
})
