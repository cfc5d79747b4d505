export * from './exec.ts'
export * from './session-noun.ts'
