import { readFile, rm, stat, statfs } from 'node:fs/promises'
import { join } from 'node:path'
import { run } from '@flotilla/host'
import type { FleetContainer, FleetHost, Overview } from '@flotilla/protocol'
import { type Platform, startPlatform } from '@flotilla/testkit/lab/platform'
import { until } from '@flotilla/testkit/lab/tab'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { type Fleet, fleetOf, starter } from './fleet.ts'

const mebibyte = 1024 ** 2
const diskBytes = 640 * mebibyte
let platform: Platform
let fleet: Fleet
let hostId: string

beforeAll(async () => {
  platform = await startPlatform({ diskBytes })
  fleet = fleetOf(platform)
  hostId = (await fleet.localHost()).id
}, 180_000)

afterAll(() => platform?.close())

/** Whether root itself finds no block; a fiftieth of all is nobody's on ext4. */
async function isFull(): Promise<boolean> {
  const { bfree, bsize } = await statfs(platform.dataDir)
  return bfree * bsize - diskBytes / 50 < mebibyte / 4
}
const isThere = (path: string) =>
  stat(join(platform.dataDir, path)).then(
    () => true,
    () => false,
  )
const reserves = async () => [await isThere('agent/reserve'), await isThere('postgres/reserve')]
const log = () => readFile(join(platform.logDir, 'control-plane.log'), 'utf8')
const pids = () => [platform.agentPid, platform.controlPlanePid]
const refused = async (path: string, body: object) => {
  const { status, body: said } = await platform.rest<{ kind?: string; message?: string }>('POST', path, body)
  return { status, kind: said.kind, message: said.message }
}

test('a container that goes on filling the disk ends nothing, and is stopped and removed as ever', async () => {
  const before = pids()
  const sleeper = await fleet.run({ name: 'sleeper', command: ['/bin/sleep', '1000'], network: 'none' })
  await fleet.change('stop', sleeper.id, { timeoutSeconds: 1 })
  const other = await fleet.run({ name: 'other', command: ['/bin/sleep', '1000'], network: 'none' })
  const filler = await fleet.shell('while true; do cat /dev/zero >> /fill; done', { name: 'filler', network: 'none' })
  await until('room of the database', async () => (await log()).includes('has room of its own'), 60_000)
  expect(await reserves()).toEqual([true, true])
  await fleet.change('start', filler.id)
  await until('a full disk', async () => (await isFull()) && !(await reserves()).includes(true), 60_000)

  const full = {
    status: 429,
    kind: 'host.diskFull',
    message: expect.stringContaining(join(platform.dataDir, 'agent/oci')) as string,
  }
  expect(await refused(`/hosts/${hostId}/containers`, { image: starter })).toEqual(full)
  expect(await refused(`/hosts/${hostId}/images/pull`, { reference: '127.0.0.1:1/none:1' })).toEqual(full)
  expect(await refused(`/hosts/${hostId}/volumes`, { name: 'late' })).toEqual(full)
  expect((await fleet.change('start', sleeper.id)).state).toBe('running')
  expect((await fleet.change('stop', other.id, { timeoutSeconds: 1 })).state).toBe('exited')
  await fleet.remove(other.id)
  await until(
    'the problem',
    async () => {
      const { problems } = await fleet.ok<Overview>('GET', '/overview')
      return problems.some(({ kind, cause }) => kind === 'disk-full' && cause.includes('nothing new is made'))
    },
    30_000,
  )
  expect((await fleet.change('stop', filler.id, { timeoutSeconds: 1 })).state).toBe('exited')
  await fleet.remove(filler.id)

  await until('the reserves', async () => !(await reserves()).includes(false), 60_000)
  const again = await fleet.run({ name: 'again', command: ['/bin/sleep', '1000'], network: 'none' })
  const { items } = await fleet.ok<{ items: FleetContainer[] }>('GET', '/containers')
  expect(items.map(({ name, state }) => `${name} ${state}`).sort()).toEqual(['again running', 'sleeper running'])
  expect(pids()).toEqual(before)
  expect(await log()).not.toContain('The database ended')
  for (const id of [again.id, sleeper.id]) await fleet.remove(id)
  const host = (await fleet.ok<FleetHost[]>('GET', '/hosts')).find(({ id }) => id === hostId)
  expect(host?.facts?.diskFloorBytes).toBeGreaterThan(0)
}, 180_000)

test('a database that ends on a full disk is waited for, and is back when there is space', async () => {
  const fill = join(platform.dataDir, 'fill')
  await run(['dd', 'if=/dev/zero', `of=${fill}`, 'bs=1M'])
  await until('the reserves to go', async () => !(await reserves()).includes(true), 30_000)
  await run(['dd', 'if=/dev/zero', `of=${fill}`, 'bs=4096', 'oflag=append', 'conv=notrunc'])
  await platform.restartAgent()
  const before = pids()
  const pid = Number((await readFile(join(platform.dataDir, 'postgres/data/postmaster.pid'), 'utf8')).split('\n')[0])
  process.kill(pid, 'SIGKILL')
  let said = ''
  await until(
    'the reason',
    async () => {
      const { status, body } = await platform.rest<{ kind?: string; message?: string }>('GET', '/hosts')
      said = `${status} ${body.kind} ${body.message}`
      return said.includes('There is not enough room')
    },
    60_000,
  ).catch(() => {}) // what was said last is in the next line
  expect(said).toMatch(
    /^503 database.away The database does not answer since .*: There is not enough room on the disk of .*postgres/,
  )
  await rm(fill)
  await until('the database', async () => (await platform.rest('GET', '/hosts')).status === 200, 60_000)
  await until('the reserves', async () => !(await reserves()).includes(false), 60_000)
  expect(pids()).toEqual(before)
}, 180_000)
