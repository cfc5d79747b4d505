export * from './network-noun.ts'
export * from './network-view.ts'
export * from './network.ts'
