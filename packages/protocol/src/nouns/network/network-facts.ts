export * from './network-errors.ts'
export * from './network-permissions.ts'
