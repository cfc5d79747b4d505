import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { run } from '@flotilla/host'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { buildChild } from '@flotilla/testkit/built-child'
import { makePlace, openEngine, type Place, removeAll } from '../testing/engine-fixture.ts'
import { machineState } from '../testing/machine-state.ts'
import { addVolumeImage, createShell, runToEnd, volumeClient, volumeImage } from '../testing/volume-fixture.ts'
import { volumeFailurePoints } from './failure-points.ts'

const childSource = fileURLToPath(new URL('../testing/volume-child.ts', import.meta.url))
const all = [
  ...volumeFailurePoints,
  ...['volumes.create.state#3', 'volumes.remove.folder#2', 'volumes.create.folder#2'],
  ...['containers.create.volumes', 'containers.start.parts', 'containers.remove.volumes'],
]
/** Where most of a change is half made; just before and after those are for the long run. */
const halfMade = [
  ...['volumes.create.folder', 'volumes.fill.copied', 'volumes.fill.placing', 'volumes.fill.placed'],
  ...['volumes.clone.copied', 'volumes.rename.done', 'volumes.remove.folder', 'volumes.files.noted'],
  ...['volumes.create.state#3', 'containers.create.volumes', 'containers.start.parts'],
]
const points = process.env['FLOTILLA_LONG'] === '1' ? all : all.filter((point) => halfMade.includes(point))
let place: Place
let programs = ''
let child = ''
let before: string[]

beforeAll(async () => {
  programs = await mkdtemp(join(tmpdir(), 'flotilla-volume-points-'))
  child = await buildChild(childSource, programs)
  place = await makePlace()
  await addVolumeImage(place)
  const first = await openEngine(place, { spares: 0 }) // makes the folders that every later state has
  await first.close()
  before = await machineState(place)
})
afterAll(async () => {
  await place.remove()
  await rm(programs, { recursive: true, force: true })
})

it.each(points)('an agent killed at %s leaves no volume half made', async (point) => {
  const killed = await run([process.execPath, child, JSON.stringify(place), point, volumeImage], { timeoutMs: 40_000 })
  expect(killed.stderr).toMatch(/ended by SIGKILL/)
  const next = await openEngine(place, { spares: 0 })
  const volumes = volumeClient(next)
  try {
    const found = await volumes.list()
    const folders = await readdir(join(place.dataDir, 'volumes'))
    expect(folders.sort()).toEqual(found.map(({ id }) => id).sort())
    for (const { name, mountpoint } of found) {
      const files = (await readdir(mountpoint)).sort()
      if (name === 'copy' || name === 'renamed') expect(files).toEqual(['file', 'link', 'upload'])
      if (name === 'kept') expect([[], ['file', 'link'], ['file', 'link', 'upload']]).toContainEqual(files)
      if (files.includes('upload')) expect(await readFile(join(mountpoint, 'upload'), 'utf8')).toBe('uploaded')
    }
    await removeAll(next)
    // All that is whole can be used again, and an empty volume is filled again.
    const mounts = [{ type: 'volume' as const, source: 'kept', target: '/seeded' }]
    expect(await runToEnd(next, await createShell(next, 'cat /seeded/file', { mounts }))).toBe('seeded of the image')
    await removeAll(next)
    for (const { id } of await volumes.list()) await volumes.remove(id)
  } finally {
    await removeAll(next)
    await next.close()
  }
  await expect.poll(() => machineState(place), { timeout: 5000 }).toEqual(before)
})
