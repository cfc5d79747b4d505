export * from './lab-host.ts'
