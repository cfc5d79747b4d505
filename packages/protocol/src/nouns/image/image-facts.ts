export * from './image-errors.ts'
export * from './image-permissions.ts'
