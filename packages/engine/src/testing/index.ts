export { createFakeEngine, fakeImage } from './fake/index.ts'
export { createLocalClient, type LocalClient } from './local-client.ts'
export { reachStraight, reachThrough, type Subject, type TestHost, thisMachine } from './contract/subject.ts'
export { contractSuite } from './contract/suite.ts'
