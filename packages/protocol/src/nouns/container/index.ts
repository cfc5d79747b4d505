export * from './container-io.ts'
export * from './container-noun.ts'
export * from './container-view.ts'
export * from './container.ts'
