export * from './node-noun.ts'
export * from './node-view.ts'
export * from './node.ts'
