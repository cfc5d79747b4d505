export * from './digest.ts'
export * from './image-config.ts'
export * from './media-types.ts'
export * from './parse-json.ts'
