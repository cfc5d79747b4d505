// What is known of each noun before its value is made: its permissions, and the kinds of errors and reasons that are its own.
export * from './container/container-facts.ts'
export * from './image/image-facts.ts'
export * from './network/network-facts.ts'
export * from './node/node-facts.ts'
export * from './volume/volume-facts.ts'
