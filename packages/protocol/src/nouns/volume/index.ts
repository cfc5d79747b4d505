export * from './volume-name.ts'
export * from './volume-noun.ts'
export * from './volume-view.ts'
export * from './volume.ts'
