import { mkdtemp, readdir, rm } from 'node:fs/promises'
import { join } from 'node:path'
import { run, runOk } from '@flotilla/host'
import { afterEach, beforeEach, expect, it } from 'vitest'
import { makePlace, type Opened, openEngine, type Place, removeAll, testImage } from '../testing/engine-fixture.ts'

const logLimits = { maxBytes: 2 * 1024 * 1024, maxFiles: 4 }
let disk: string
let place: Place
let on: Opened

beforeEach(async () => {
  disk = await mkdtemp('/var/tmp/flotilla-relief-')
  await runOk(['mount', '-t', 'tmpfs', '-o', 'size=64m', 'flotilla-test', disk])
  place = await makePlace(disk)
  on = await openEngine(place, { logLimits })
})
afterEach(async () => {
  await rm(join(disk, 'fill'), { force: true })
  await removeAll(on)
  await on.close()
  await place.remove()
  await runOk(['umount', disk])
  await rm(disk, { recursive: true })
})

const fill = () => run(['dd', 'if=/dev/zero', `of=${join(disk, 'fill')}`, 'bs=64k', 'oflag=append', 'conv=notrunc'])

async function start(script: string): Promise<string> {
  const spec = { image: testImage, network: 'none' as const, command: ['/bin/sh', '-c', script] }
  const { container } = await on.client.containers.create({ ...spec, stopTimeoutSeconds: 0 })
  await on.client.containers.start({ id: container.id })
  return container.id
}

/** Whole files of a log beside the one that is written and the next one. */
async function wholeFiles(id: string): Promise<number> {
  const names = await readdir(join(place.dataDir, 'containers', id, 'log'))
  return names.filter((name) => /^\d+\.log$/.test(name)).length - 2
}

async function read(id: string, tail: number | null = null) {
  const lines: string[] = []
  const gaps: { lines: number | null; diskFullAt?: string | undefined }[] = []
  for await (const batch of on.client.containers.logs({ id, tail })) {
    // What conmon could not write whole is a gap as well, one without a time.
    if (batch.gap?.diskFullAt !== undefined) gaps.push(batch.gap)
    lines.push(...batch.lines.map(({ text }) => text))
  }
  return { lines, gaps }
}

it('drops the oldest lines of the largest log while the disk is full, says so, and who follows goes on', async () => {
  const count = 60_000
  const loud = await start(`seq 1 ${count}; while :; do sleep 0.2; echo again; done`)
  const quiet = await start('seq 1 100; while :; do sleep 0.2; done')
  await expect.poll(() => wholeFiles(loud), { timeout: 20_000 }).toBe(1)
  const stop = new AbortController()
  let followed = 0
  const following = (async () => {
    for await (const batch of on.client.containers.logs({ id: loud, follow: true }, { signal: stop.signal })) {
      expect(batch.gap?.diskFullAt).toBeUndefined()
      followed += batch.lines.length
    }
  })().catch((error: unknown) => (stop.signal.aborted ? undefined : error))
  await expect.poll(() => followed, { timeout: 20_000 }).toBeGreaterThan(count)
  const before = Date.now()
  await fill()
  await expect.poll(() => wholeFiles(loud), { timeout: 20_000 }).toBe(0)
  await rm(join(disk, 'fill'))
  const seen = followed
  await expect.poll(() => followed, { timeout: 20_000 }).toBeGreaterThan(seen + 3)
  const { lines, gaps } = await read(loud)
  expect(gaps).toHaveLength(1)
  expect(Date.parse(gaps[0]?.diskFullAt ?? '')).toBeGreaterThanOrEqual(before)
  const numbers = lines.map(Number).filter((number) => number > 0)
  expect((gaps[0]?.lines ?? 0) + 1).toBe(numbers[0])
  expect(numbers.at(-1)).toBe(count)
  expect((await read(loud, 10 * count)).gaps).toEqual(gaps) // fewer are left than were asked for
  expect((await read(loud, 10)).gaps).toEqual([])
  expect(await read(quiet)).toEqual({ lines: Array.from({ length: 100 }, (_, at) => String(at + 1)), gaps: [] })
  stop.abort()
  expect(await following).toBeUndefined()
  expect((await on.client.containers.inspect({ id: loud })).container.state).toBe('running')
})
