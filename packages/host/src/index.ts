export * from './atomic-file.ts'
export * from './no-space.ts'
export * from './run.ts'
export * from './ssh-host.ts'
