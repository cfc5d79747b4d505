import { systemScope } from '@flotilla/protocol'
import { makeTestDaemon, type TestDaemon, testImage } from '@flotilla/testkit/docker-daemon'
import { startVolumePlugin } from '@flotilla/testkit/volume-plugin'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { type Opened, openEngine } from '../testing/engine-fixture.ts'

const scope = { scope: systemScope }
let daemon: TestDaemon
let opened: Opened

beforeAll(async () => {
  daemon = await makeTestDaemon()
  opened = await openEngine(daemon.socketPath)
})
afterAll(async () => {
  await opened.engine.close()
  await daemon.remove()
})

const kind = /not known to be the one that was previewed/

/** What a person sees, and the prune of exactly that. */
async function preview() {
  const { volumes } = await opened.client.volumes.prunePreview({ all: true }, scope)
  const ids = volumes.map(({ volume }) => volume.id)
  const marks = Object.fromEntries(volumes.map(({ volume, mark = '' }) => [volume.id, mark]))
  return { ids, marks, prune: () => opened.client.volumes.prune({ ids, marks }, scope) }
}

it('leaves a volume that was made anew under a previewed name, at once or by the product', async () => {
  const { volumes } = opened.client
  await daemon.cli('volume', 'create', 'again')
  await volumes.create({ name: 'ours' }, scope)
  await daemon.cli('volume', 'create', 'same')
  const seen = await preview()
  await daemon.cli('volume', 'rm', 'again', 'ours')
  await daemon.cli('volume', 'create', 'again')
  await volumes.create({ name: 'ours' }, scope)
  await daemon.cli('run', '--rm', '--volume', 'again:/data', testImage, 'sh', '-c', 'echo precious > /data/file')
  const { removed, retained } = await seen.prune()
  expect(removed).toEqual(['same'])
  expect(retained.map(({ id }) => id).sort()).toEqual(['again', 'ours'])
  for (const each of retained) expect(JSON.stringify(each)).toMatch(kind)
  const content = await daemon.cli('run', '--rm', '--volume', 'again:/data', testImage, 'cat', '/data/file')
  expect(content).toBe('precious')
  expect((await (await preview()).prune()).removed.sort()).toEqual(['again', 'ours'])
})

it('takes one that was used and changed since, and leaves one that nobody previewed', async () => {
  await daemon.cli('volume', 'create', 'used')
  const seen = await preview()
  await daemon.cli('run', '--rm', '--volume', 'used:/data', testImage, 'touch', '/data/file')
  await daemon.cli('volume', 'create', 'later')
  const unseen = await opened.client.volumes.prune({ ids: ['used', 'later'] }, scope)
  expect(unseen).toMatchObject({ removed: [], retained: [{ id: 'used' }, { id: 'later' }] })
  expect((await seen.prune()).removed).toEqual(['used'])
  await daemon.cli('volume', 'rm', 'later')
})

it('tells volumes with options apart by Docker’s own time', async () => {
  const make = () => daemon.cli('volume', 'create', '--opt', 'type=tmpfs', '--opt', 'device=tmpfs', 'memory')
  await make()
  const seen = await preview()
  await daemon.cli('volume', 'rm', 'memory')
  const made = await daemon.cli('volume', 'ls', '--quiet')
  expect(made).toBe('')
  await new Promise((resolve) => setTimeout(resolve, 1100)) // Docker tells whole seconds
  await make()
  expect((await seen.prune()).removed).toEqual([])
  expect((await (await preview()).prune()).removed).toEqual(['memory'])
})

it('says of a volume whose driver tells no size that its size is not known', async () => {
  const plugin = await startVolumePlugin(daemon)
  try {
    await daemon.cli('volume', 'create', '--driver', plugin.name, 'elsewhere')
    await daemon.cli('volume', 'create', 'here')
    await daemon.cli('run', '--rm', '--volume', 'here:/data', testImage, 'sh', '-c', 'echo some > /data/file')
    const { volumes, totalBytes } = await opened.client.volumes.prunePreview({ all: true }, scope)
    const sizes = new Map(volumes.map(({ volume, sizeBytes }) => [volume.name, sizeBytes]))
    expect(sizes.get('elsewhere')).toBeNull()
    expect(totalBytes).toBe(sizes.get('here'))
    const done = await (await preview()).prune()
    expect(done).toMatchObject({ retained: [], freedBytes: totalBytes, unmeasured: 1 })
    expect([...done.removed].sort()).toEqual(['elsewhere', 'here'])
  } finally {
    await plugin.close()
  }
})
