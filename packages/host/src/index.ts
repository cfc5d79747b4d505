export * from './atomic-file.ts'
export * from './run.ts'
