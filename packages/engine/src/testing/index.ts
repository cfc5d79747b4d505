export { createFakeEngine, type FakeEngineOptions, fakeImage } from './fake/engine.ts'
export { createLocalClient, type LocalClient } from './local-client.ts'
