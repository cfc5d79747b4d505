import { copyFile, mkdir, mkdtemp, readFile, rm } from 'node:fs/promises'
import { join } from 'node:path'
import { run, runOk } from '@flotilla/host'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { makePlace, type Opened, openEngine, type Place, removeAll, testImage } from '../testing/engine-fixture.ts'

let base = ''
let place: Place
let on: Opened
const mounted: { folder: string; device: string }[] = []

/** Mounts a file's file system, which writes by itself only after minutes. */
async function mountFile(file: string, folder: string): Promise<void> {
  const device = (await runOk(['losetup', '--find', '--show', file])).stdout.toString().trim()
  mounted.push({ folder, device })
  await mkdir(folder)
  await runOk(['mount', '-t', 'ext4', '-o', 'commit=300', device, folder])
}

beforeAll(async () => {
  base = await mkdtemp('/var/tmp/flotilla-power-')
  const file = join(base, 'disk')
  await runOk(['truncate', '--size=300M', file])
  await runOk(['mkfs.ext4', '-q', file])
  await mountFile(file, join(base, 'mounted'))
  place = await makePlace(join(base, 'mounted'))
  on = await openEngine(place)
})

afterAll(async () => {
  await removeAll(on)
  await on.close()
  await place.remove()
  for (const { folder, device } of mounted.reverse()) {
    await runOk(['umount', folder])
    await run(['losetup', '--detach', device])
  }
  await rm(base, { recursive: true, force: true })
})

it('keeps a container that was made just before the power was cut, and what holds its image', async () => {
  const spec = { image: testImage, network: 'none' as const, name: 'kept' }
  const { container } = await on.client.containers.create(spec)
  // What the file system has not written yet is not in its file.
  await copyFile(join(base, 'disk'), join(base, 'after'))
  await mountFile(join(base, 'after'), join(base, 'again'))
  const dataDir = place.dataDir.replace(join(base, 'mounted'), join(base, 'again'))
  const record = await readFile(join(dataDir, 'containers', container.id, 'container.json'), 'utf8')
  expect(JSON.parse(record)).toMatchObject({ name: 'kept', phase: 'created' })
  expect(await readFile(join(dataDir, 'images/pins', container.id), 'utf8')).toBe(container.imageId)
})
