export * from './capabilities.ts'
export * from './engine.ts'
export * from './failure-points.ts'
export * from './guard.ts'
