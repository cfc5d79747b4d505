import { transports } from '../transports.ts'
import { createFakeEngine, fakeImage } from '../fake/engine.ts'
import { volumesImage } from '../fake/images.ts'
import { fakeMachine } from './machines.ts'
import { contractSuite } from './suite.ts'
import { reachStraight, reachThrough, type SubjectFactory } from './subject.ts'

const over =
  (
    reach: (engine: ReturnType<typeof createFakeEngine>) => ReturnType<typeof reachThrough>,
    more: Parameters<typeof createFakeEngine>[0] = {},
  ): SubjectFactory =>
  async () => {
    const engine = createFakeEngine({ registry: ['contract/pullable:1', volumesImage], ...more })
    const reached = await reach(engine)
    return {
      ...reached,
      image: fakeImage,
      volumesImage,
      host: fakeMachine(engine.host),
      pullable: 'docker.io/contract/pullable:1',
      async cleanup() {
        await reached.cleanup()
        await engine.close()
      },
    }
  }

contractSuite(
  { engine: 'fake', transport: 'straight' },
  over((engine) => Promise.resolve(reachStraight(engine))),
)
contractSuite(
  { engine: 'fake on two nodes', transport: 'straight' },
  over((engine) => Promise.resolve(reachStraight(engine)), {
    cluster: { identity: 'contract', nodes: ['one', 'two'], namespaces: ['default'] },
  }),
)
// What a call carries is the same over all of them: one is tried whole each time, the others in the long run.
for (const transport of transports) {
  const isWhole = transport.name === 'websocket' || process.env['FLOTILLA_LONG'] === '1'
  contractSuite(
    { engine: 'fake', transport: transport.name, depth: isWhole ? 'whole' : 'way' },
    over((engine) => reachThrough(engine, transport)),
  )
}
