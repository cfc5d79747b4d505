import { capabilities } from '@flotilla/engine'
import { contractSuite } from '@flotilla/engine/testing'
import { makeTestDaemon, testImage } from './testing/docker-fixture.ts'
import { openEngine } from './testing/engine-fixture.ts'

contractSuite('docker', async () => {
  const daemon = await makeTestDaemon()
  const { engine, client, openCalls } = await openEngine(daemon.socketPath)
  return {
    engine: client,
    capabilities: capabilities(engine),
    image: testImage,
    openCalls,
    async cleanup() {
      await engine.close()
      await daemon.remove()
    },
  }
})
