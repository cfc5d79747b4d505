export { createFakeEngine, type FakeEngineOptions, fakeImage } from './fake/engine.ts'
export { createLocalClient, type LocalClient } from './local-client.ts'
export { type Subject, type SubjectFactory } from './contract/subject.ts'
export { contractSuite } from './contract/suite.ts'
