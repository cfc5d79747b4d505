import { readdir, rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { createLogger } from '@flotilla/log'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { makePlace, type Opened, openEngine, type Place, removeAll, testImage } from '../testing/engine-fixture.ts'

let place: Place
let on: Opened
const open = () => openEngine(place, { log: createLogger('test', 'silent') })

beforeAll(async () => {
  place = await makePlace()
  on = await open()
})
afterAll(async () => {
  await removeAll(on)
  await on.close()
  await place.remove()
})

it('starts over records that a power cut broke, and keeps the files of their containers', async () => {
  const spec = { image: testImage, network: 'none' as const, command: ['/bin/sh', '-c', 'sleep 1000'] }
  const create = async () => (await on.client.containers.create(spec)).container.id
  const [whole, empty, torn] = [await create(), await create(), await create()]
  await on.client.containers.start({ id: whole })
  await on.client.exec.create({ id: whole, command: ['/bin/sh', '-c', 'sleep 1000'] })
  await on.close()
  const recordOf = (id: string) => join(place.dataDir, 'containers', id, 'container.json')
  await writeFile(recordOf(empty), '')
  await writeFile(recordOf(torn), '{"version":1,"id":"')
  for (const id of await readdir(join(place.dataDir, 'exec'))) {
    await writeFile(join(place.dataDir, 'exec', id, 'session.json'), '')
  }
  on = await open()
  expect((await on.client.containers.list({})).map(({ id }) => id)).toEqual([whole])
  expect(await on.client.exec.list({ id: whole })).toEqual([])
  const snapshots = await readdir(join(place.dataDir, 'images', 's'))
  expect(snapshots).toEqual(expect.arrayContaining([whole, empty, torn]))
  await removeAll(on)
  await expect(on.client.images.remove({ id: testImage })).rejects.toMatchObject({ code: 'CONFLICT' })
  await on.close()
  for (const id of [empty, torn]) await rm(join(place.dataDir, 'containers', id), { recursive: true })
  on = await open()
  expect(await readdir(join(place.dataDir, 'images', 's'))).toEqual([])
})
