export * from './network-errors.ts'
export * from './network-permissions.ts'
export * from './network-reasons.ts'
