import { join } from 'node:path'
import { contractSuite, reachStraight, reachThrough, type Subject } from '@flotilla/testkit'
import { transports } from '@flotilla/testkit/transports'
import { afterAll, beforeAll } from 'vitest'
import { makeWebImage } from '@flotilla/images/demo'
import { makeVolumesImage } from '@flotilla/images/volumes'
import { pushLayout } from '@flotilla/images/push-layout'
import { freePort } from '@flotilla/testkit/lab/free-port'
import { type RegistryServer, startRegistry } from '@flotilla/testkit/registry-server'
import { makePlace, openEngine, removeAll, type Opened, type Place, testImage } from './testing/engine-fixture.ts'

// One place for all transports: what differs between them is the way there alone.
let place: Place
let opened: Opened
let registry: RegistryServer

beforeAll(async () => {
  place = await makePlace()
  registry = await startRegistry({ dir: join(place.folder, 'registry'), port: await freePort() })
  await makeWebImage(join(place.folder, 'web'))
  await pushLayout(join(place.folder, 'web'), pullable(), AbortSignal.timeout(30_000))
  await makeVolumesImage(join(place.folder, 'volumes'))
  await pushLayout(join(place.folder, 'volumes'), volumesImage(), AbortSignal.timeout(30_000))
  await moving.move()
  opened = await openEngine(place)
})

afterAll(async () => {
  await removeAll(opened)
  await opened.close()
  await registry.stop()
  await place.remove()
})

const pullable = () => `${registry.host}/contract/web:1`
const volumesImage = () => `${registry.host}/contract/volumes:1`
let layouts = ['web', 'volumes']
const moving = {
  get reference() {
    return `${registry.host}/contract/moving:1`
  },
  async move() {
    layouts = layouts.reverse()
    await pushLayout(join(place.folder, layouts[0] ?? ''), this.reference, AbortSignal.timeout(30_000))
  },
}
const shared = (): Pick<Subject, 'image' | 'pullable' | 'volumesImage' | 'moving'> => ({
  ...{ image: testImage, pullable: pullable(), volumesImage: volumesImage(), moving },
})

// The fake engine runs over all of them each time, and a real host behind a control plane in infra/spine.
const run = process.env['FLOTILLA_LONG'] === '1' ? transports : []
const left = transports.filter((transport) => !run.includes(transport))
const notRun = Object.fromEntries(left.map(({ name }) => [name, 'runs with FLOTILLA_LONG=1']))

contractSuite({ engine: 'oci', transport: 'straight', notRun }, () => {
  let reached = reachStraight(opened.engine)
  return Promise.resolve({
    ...reached,
    ...shared(),
    openCalls: () => reached.openCalls?.() ?? 0,
    progressOf: (operationId) => reached.progressOf?.(operationId) ?? [],
    async reopen() {
      await opened.close()
      opened = await openEngine(place)
      reached = reachStraight(opened.engine)
      return reached.engine
    },
  })
})

for (const transport of run) {
  contractSuite({ engine: 'oci', transport: transport.name }, async () => ({
    ...(await reachThrough(opened.engine, transport)),
    ...shared(),
  }))
}
