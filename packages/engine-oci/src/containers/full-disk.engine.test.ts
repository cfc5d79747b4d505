import { mkdtemp, readdir, rm } from 'node:fs/promises'
import { join } from 'node:path'
import { run, runOk } from '@flotilla/host'
import { afterEach, beforeEach, expect, it } from 'vitest'
import { makePlace, type Opened, openEngine, type Place, removeAll, testImage } from '../testing/engine-fixture.ts'

let disk: string
let place: Place
let on: Opened

beforeEach(async () => {
  disk = await mkdtemp('/var/tmp/flotilla-full-')
  await runOk(['mount', '-t', 'tmpfs', '-o', 'size=64m', 'flotilla-test', disk])
  place = await makePlace(disk)
  on = await openEngine(place)
})
afterEach(async () => {
  await rm(join(disk, 'fill'), { force: true })
  await removeAll(on)
  await on.close()
  await place.remove()
  await runOk(['umount', disk])
  await rm(disk, { recursive: true })
})

const fill = () => run(['dd', 'if=/dev/zero', `of=${join(disk, 'fill')}`, 'bs=4096', 'oflag=append', 'conv=notrunc'])
const image = async () => (await on.client.images.list({})).length
const row = async (id: string) => (await on.client.containers.inspect({ id })).container

async function make(network: 'bridge' | 'none' = 'none'): Promise<string> {
  const spec = { image: testImage, command: ['/bin/sh', '-c', 'sleep 1000'], restart: { policy: 'always' as const } }
  const { container } = await on.client.containers.create({ ...spec, network, stopTimeoutSeconds: 1 })
  await on.client.containers.start({ id: container.id })
  return container.id
}

it('stops, kills, starts and removes containers and images on a full disk', async () => {
  const [stopped, killed, removed] = [await make('bridge'), await make(), await make()]
  await fill()
  expect((await on.client.containers.stop({ id: stopped })).container.state).toBe('exited')
  await fill()
  expect((await on.client.containers.kill({ id: killed })).container.state).toBe('exited')
  await fill()
  await on.client.containers.remove({ id: removed, force: true })
  await fill()
  for (const id of [stopped, killed]) expect((await on.client.containers.start({ id })).container.state).toBe('running')
  await fill()
  expect((await on.client.containers.restart({ id: stopped })).container.state).toBe('running')
  await removeAll(on)
  await fill()
  await on.client.images.remove({ id: testImage })
  expect(await image()).toBe(0)
  await on.close()
  on = await openEngine(place)
  expect(await image()).toBe(0)
})

it('recovers on a full disk, and writes what it knows when there is room', async () => {
  const [ended, running] = [await make(), await make()]
  await on.close()
  await runOk(['runc', '--root', join(place.runDir, 'runc'), 'kill', ended, 'KILL'])
  await expect.poll(() => readdir(join(place.dataDir, 'exits')), { timeout: 20_000 }).toContain(ended)
  await fill()
  on = await openEngine(place)
  expect((await row(running)).state).toBe('running')
  await on.client.containers.stop({ id: running })
  await on.client.containers.stop({ id: ended })
  await rm(join(disk, 'fill'))
  const written = () =>
    runOk(['cat', join(place.dataDir, 'containers', running, 'container.json')]).then(
      ({ stdout }) => JSON.parse(String(stdout)) as unknown,
    )
  await expect.poll(written, { timeout: 20_000 }).toMatchObject({ phase: 'exited', run: null, stoppedByUser: true })
})
