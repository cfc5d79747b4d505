// Every noun that has pages; a new one is a line here.
export * from './containers.ts'
export * from './images.ts'
export * from './volumes.ts'
export * from './networks.ts'
export * from './hosts.ts'
