export * from './host.ts'
export * from './read-host.ts'
export * from './reach.ts'
