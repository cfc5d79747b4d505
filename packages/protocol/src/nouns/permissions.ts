// The permissions of every noun that has some of its own.
export * from './container/container-permissions.ts'
export * from './image/image-permissions.ts'
export * from './network/network-permissions.ts'
export * from './node/node-permissions.ts'
export * from './volume/volume-permissions.ts'
