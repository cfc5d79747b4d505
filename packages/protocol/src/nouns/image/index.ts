export * from './image-reference.ts'
export * from './image-noun.ts'
export * from './image-view.ts'
export * from './image.ts'
