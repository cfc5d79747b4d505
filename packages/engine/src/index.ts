export * from './engine.ts'
export * from './failure-points.ts'
