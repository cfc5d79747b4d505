export { createClusterEngine } from './cluster-client.ts'
export { serveFakeCluster } from './cluster-server.ts'
export { createFakeEngine, fakeImage, type FakeEngine } from './engine.ts'
