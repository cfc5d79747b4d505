import type { ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { minimalEnv, spawn } from '@flotilla/host'
import { afterAll, beforeAll, expect, test } from 'vitest'
import {
  type TestControlPlane,
  openControlPlane,
  until,
} from '../../apps/control-plane/src/testing/open-control-plane.ts'
import { asRoot } from '@flotilla/launch/account'

const agents = 1000
const crowds = 5
const inCrowd = agents / crowds
const containers = 10

let plane: TestControlPlane
let key: string
let folder: string
const running: ChildProcess[] = []

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'fmany-'))
  plane = await openControlPlane()
  key = (await plane.person('owner')).key
})
afterAll(async () => {
  for (const crowd of running) crowd.kill('SIGKILL')
  await plane?.dispose()
  await rm(folder, { recursive: true, force: true })
})

const program = fileURLToPath(new URL('./agent-crowd.ts', import.meta.url))

/** Starts one crowd; settles when all its agents have been taken up. */
async function start(crowd: number, tokens: readonly string[]): Promise<void> {
  const words = [plane.url, folder, containers, crowd * inCrowd, inCrowd].map(String)
  const child = spawn(asRoot([process.execPath, '--import', 'tsx', program, ...words]), {
    stdio: ['pipe', 'pipe', 'inherit'],
    env: minimalEnv(),
    cwd: fileURLToPath(new URL('../../', import.meta.url)),
  })
  running[crowd] = child
  child.stdin?.end(`${tokens.join('\n')}\n`)
  if (child.stdout === null) throw new Error('no standard output')
  const ended = once(child, 'exit').then(() => Promise.reject(new Error(`crowd ${crowd} ended`)))
  ended.catch(() => {}) // it is killed at the end, too
  await Promise.race([once(child.stdout, 'data'), ended])
}

async function tokens(crowd: number): Promise<string[]> {
  const made: string[] = []
  for (let at = 0; at < inCrowd; at += 1) {
    const id = `crowd-${crowd}-${at}`
    const expiresAt = new Date(Date.now() + 60 * 60_000)
    await plane.app.db.joinTokens.create(plane.scope, { id, expiresAt })
    made.push(plane.app.joinToken(id))
  }
  return made
}

const connected = () =>
  plane.app.index
    .hosts(plane.scope)
    .filter(({ transport, state }) => transport === 'websocket' && state === 'connected')
const total = async (query = '') => (await plane.rest(key, 'GET', `/containers?limit=1${query}`)).body['total']

test(`${agents} agents join, and all their containers are in the list`, async () => {
  const before = process.memoryUsage().rss
  for (let crowd = 0; crowd < crowds; crowd += 1) await start(crowd, await tokens(crowd))
  await until(() => connected().length === agents, 300_000, 'the joins')
  await until(async () => (await total()) === agents * containers, 120_000, 'all containers')
  const grown = (process.memoryUsage().rss - before) >> 20
  process.stdout.write(`the control plane has grown by ${grown} MiB for ${agents} agents\n`)
  expect(grown).toBeLessThan(1500)
}, 600_000)

test('a page of the list answers within a second while all are linked', async () => {
  const started = performance.now()
  for (let at = 0; at < 20; at += 1) {
    const { status, body } = await plane.rest(key, 'GET', '/containers?limit=50')
    expect([status, (body['items'] as unknown[]).length]).toEqual([200, 50])
  }
  const each = (performance.now() - started) / 20
  process.stdout.write(`a page of 50 out of ${agents * containers} in ${each.toFixed(0)} ms\n`)
  expect(each).toBeLessThan(1000)
})

test('a fifth of them are lost at once, are shown as away, and come back with what they have', async () => {
  running[0]?.kill('SIGKILL')
  await until(() => connected().length === agents - inCrowd, 60_000, 'being away')
  expect(await total()).toBe(agents * containers)
  await start(0, [])
  await until(() => connected().length === agents, 300_000, 'coming back')
  await until(async () => (await total()) === agents * containers, 60_000, 'all containers')
}, 600_000)
