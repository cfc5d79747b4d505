export * from './container-errors.ts'
export * from './container-permissions.ts'
export * from './container-reasons.ts'
