export * from './volume-errors.ts'
export * from './volume-permissions.ts'
