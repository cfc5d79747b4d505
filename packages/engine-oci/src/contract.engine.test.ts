import { contractSuite } from '@flotilla/engine/testing'
import { capabilities } from '@flotilla/engine'
import { makePlace, openEngine, removeAll, testImage } from './testing/engine-fixture.ts'

contractSuite('oci', async () => {
  const place = await makePlace()
  const opened = await openEngine(place)
  return {
    engine: opened.client,
    capabilities: capabilities(opened.engine),
    image: testImage,
    openCalls: opened.openCalls,
    async cleanup() {
      await removeAll(opened)
      await opened.close()
      await place.remove()
    },
  }
})
