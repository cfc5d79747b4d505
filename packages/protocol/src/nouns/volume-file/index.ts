export * from './volume-file-noun.ts'
