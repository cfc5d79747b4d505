import { join } from 'node:path'
import { contractSuite, reachStraight, reachThrough, type Subject, thisMachine } from '@flotilla/testkit'
import { transports } from '@flotilla/testkit/transports'
import { afterAll, beforeAll } from 'vitest'
import { makeWebImage } from '@flotilla/images/demo'
import { makeVolumesImage } from '@flotilla/images/volumes'
import { makeTestDaemon, type TestDaemon, testImage } from '@flotilla/testkit/docker-daemon'
import { type Opened, openEngine } from './testing/engine-fixture.ts'

let daemon: TestDaemon
let opened: Opened
let pullable: string
let volumesImage: string
let moving: NonNullable<Subject['moving']>

beforeAll(async () => {
  daemon = await makeTestDaemon()
  const layout = join(daemon.folder, 'web')
  await makeWebImage(layout)
  pullable = await daemon.publish(layout, 'contract/web:1')
  const volumes = join(daemon.folder, 'volumes')
  await makeVolumesImage(volumes)
  volumesImage = await daemon.publish(volumes, 'contract/volumes:1')
  let layouts = [layout, volumes]
  const move = async () => {
    layouts = layouts.reverse()
    await daemon.publish(layouts[0] ?? '', 'contract/moving:1')
  }
  await move()
  moving = { reference: pullable.replace('/web:', '/moving:'), move }
  opened = await openEngine(daemon.socketPath)
})

afterAll(async () => {
  await opened.engine.close()
  await daemon.remove()
})

/** Files are this machine's; ports are published in the daemon's own network. */
const shared = async () => ({
  ...{ image: testImage, pullable, volumesImage, moving },
  host: { ...(await thisMachine()), connect: daemon.connect, exchange: daemon.exchange },
})

// The fake engine runs over all of them each time, and a real host behind a control plane in infra/spine.
const run = process.env['FLOTILLA_LONG'] === '1' ? transports : []
const left = transports.filter((transport) => !run.includes(transport))
const notRun = Object.fromEntries(left.map(({ name }) => [name, 'runs with FLOTILLA_LONG=1']))

contractSuite({ engine: 'docker', transport: 'straight', notRun }, async () => ({
  ...reachStraight(opened.engine),
  ...(await shared()),
}))

for (const transport of run) {
  contractSuite({ engine: 'docker', transport: transport.name }, async () => ({
    ...(await reachThrough(opened.engine, transport)),
    ...(await shared()),
  }))
}
