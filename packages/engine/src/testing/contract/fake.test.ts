import { connect, memoryPair, serve, service } from '@flotilla/link'
import { engineMethods } from '@flotilla/protocol'
import { capabilities } from '../../capabilities.ts'
import { createFakeEngine, fakeImage } from '../fake/engine.ts'
import { createLocalClient } from '../local-client.ts'
import { contractSuite } from './suite.ts'

contractSuite('fake, straight', async () => {
  const engine = createFakeEngine()
  const { client, openCalls } = createLocalClient(engine)
  const cleanup = () => engine.close()
  return { engine: client, capabilities: capabilities(engine), image: fakeImage, openCalls, cleanup }
})

contractSuite('fake, through a link in memory', async () => {
  const engine = createFakeEngine()
  const [near, far] = memoryPair()
  const found = service(engineMethods, engine, () => engine.absences())
  serve(far, { find: (name) => (name === engine.id ? found : undefined), hello: { version: 'test' } })
  const link = await connect(near, { hello: { version: 'test' } })
  const cleanup = async () => {
    link.close()
    await engine.close()
  }
  return {
    engine: link.client(engine.id, engineMethods),
    capabilities: capabilities(engine),
    image: fakeImage,
    cleanup,
  }
})
