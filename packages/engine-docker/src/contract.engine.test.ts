import { join } from 'node:path'
import { contractSuite, reachStraight, reachThrough, thisMachine } from '@flotilla/engine/testing'
import { transports } from '@flotilla/link/testing'
import { afterAll, beforeAll } from 'vitest'
import { makeWebImage } from '../../../infra/images/demo.ts'
import { makeTestDaemon, type TestDaemon, testImage } from './testing/docker-fixture.ts'
import { type Opened, openEngine } from './testing/engine-fixture.ts'

/** The agent's own way: its socket on the host. */
const throughName = 'unix'
let daemon: TestDaemon
let opened: Opened
let pullable: string

beforeAll(async () => {
  daemon = await makeTestDaemon()
  const layout = join(daemon.folder, 'web')
  await makeWebImage(layout)
  pullable = await daemon.publish(layout, 'contract/web:1')
  opened = await openEngine(daemon.socketPath)
})

afterAll(async () => {
  await opened.engine.close()
  await daemon.remove()
})

/** Files are this machine's; ports are published in the daemon's own network. */
const shared = async () => ({
  ...{ image: testImage, pullable },
  host: { ...(await thisMachine()), connect: (port: number) => daemon.connect(port) },
})
const place = {
  engine: 'docker',
  notRun: Object.fromEntries(
    transports
      .filter(({ name }) => name !== throughName)
      .map(({ name }) => [name, 'What a transport does is the same for each engine: the native one runs through it.']),
  ),
}

contractSuite({ ...place, transport: 'straight' }, async () => ({
  ...reachStraight(opened.engine),
  ...(await shared()),
}))

for (const transport of transports.filter(({ name }) => name === throughName)) {
  contractSuite({ ...place, transport: transport.name }, async () => ({
    ...(await reachThrough(opened.engine, transport)),
    ...(await shared()),
  }))
}
