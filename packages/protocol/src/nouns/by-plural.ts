// Every noun of the product, by its name in the method table. A new one is a line here, in `index.ts` and in `permissions.ts`.
export { containerNoun as containers } from './container/container-noun.ts'
export { imageNoun as images } from './image/image-noun.ts'
export { networkNoun as networks } from './network/network-noun.ts'
export { nodeNoun as nodes } from './node/node-noun.ts'
export { sessionNoun as exec } from './session/session-noun.ts'
export { volumeNoun as volumes } from './volume/volume-noun.ts'
export { volumeFileNoun as volumeFiles } from './volume-file/volume-file-noun.ts'
