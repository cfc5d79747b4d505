export { createFakeEngine, fakeImage } from './engine.ts'
