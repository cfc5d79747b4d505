import { existsSync } from 'node:fs'
import { mkdir, readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { run, runOk } from '@flotilla/host'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { makePlace, type Opened, openEngine, type Place, removeAll, testImage } from '../testing/engine-fixture.ts'

let place: Place
let on: Opened

beforeAll(async () => {
  place = await makePlace()
  on = await openEngine(place, { spares: 0 })
})
afterAll(async () => {
  await removeAll(on)
  await on.close()
  await place.remove()
})

async function make(script: string): Promise<string> {
  const spec = { image: testImage, command: ['/bin/sh', '-c', script], network: 'none' as const }
  const { container } = await on.client.containers.create(spec)
  await on.client.containers.start({ id: container.id })
  return container.id
}

const bundle = (id: string) => join(place.runDir, 'bundles', id)
const row = async (id: string) => (await on.client.containers.inspect({ id })).container
const ids = async () => (await on.client.containers.list({})).map(({ id }) => id).sort()

/** Makes a bundle that cannot be removed: something is mounted in it. */
async function block(id: string): Promise<string> {
  const path = join(bundle(id), 'stuck')
  await mkdir(path, { recursive: true })
  await runOk(['mount', '-t', 'tmpfs', 'none', path])
  return path
}

it('opens beside what cannot be cleaned up, and cleans it up once that can be done', async () => {
  const stray = 'f'.repeat(64)
  const ended = await make('exec sleep 600')
  const removed = await make('exit 0')
  const retained = await make('exec sleep 600')
  await on.client.containers.wait({ id: removed })
  const { pid } = await on.client.containers.kernel({ id: ended })
  await on.close()
  process.kill(pid, 'SIGKILL')
  await expect.poll(() => existsSync(join(place.dataDir, 'exits', ended)), { timeout: 10_000 }).toBe(true)
  const path = join(place.dataDir, 'containers', removed, 'container.json')
  const record = JSON.parse(await readFile(path, 'utf8')) as object
  await writeFile(path, JSON.stringify({ ...record, phase: 'removing' }))
  const blocks = await Promise.all([ended, removed, stray].map(block))
  const reported: string[] = []
  const log = { info: () => {}, warn: (_: object, message: string) => void reported.push(message) }
  try {
    // The folder of the place is no image: a first image that cannot be taken in is no reason either.
    on = await openEngine(place, { log, spares: 0, starter: { layout: place.folder, reference: 'first:latest' } })
    expect(await row(retained)).toMatchObject({ state: 'running' })
    expect(await row(ended)).toMatchObject({ state: 'exited', exitCode: 137 })
    expect(await row(removed)).toMatchObject({ state: 'removing' })
    for (const part of [/taken over/, /left over .*cannot be removed/, /first image/]) {
      expect(reported).toContainEqual(expect.stringMatching(part))
    }
  } finally {
    for (const each of blocks) await run(['umount', each])
  }
  await expect.poll(ids, { timeout: 15_000 }).toEqual([ended, retained].sort())
  await expect.poll(() => existsSync(bundle(ended)), { timeout: 15_000 }).toBe(false)
  await on.close()
  on = await openEngine(place, { spares: 0 })
  expect(existsSync(bundle(stray))).toBe(false)
}, 60_000)

it('notices one container’s end while another cannot be worked on', async () => {
  const deaf = await make("trap '' TERM; while :; do sleep 0.1; done")
  process.kill(Number(await readFile(join(bundle(deaf), 'conmon.pid'), 'utf8')), 'SIGKILL')
  await expect.poll(async () => (await row(deaf)).stateReason, { timeout: 15_000 }).toMatch(/conmon/)
  // Whoever looks after it now has to wait: longer than the next whole look takes to come.
  const ended = await make('exec sleep 7')
  const enough = new AbortController()
  const stopping = on.client.containers.stop({ id: deaf, timeoutSeconds: 120 }, { signal: enough.signal })
  const refused = expect(stopping).rejects.toThrow()
  await expect.poll(async () => (await row(ended)).state, { timeout: 60_000 }).toBe('exited')
  expect((await row(deaf)).state).toBe('running')
  enough.abort()
  await refused
}, 90_000)
