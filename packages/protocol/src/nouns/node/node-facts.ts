export * from './node-permissions.ts'
