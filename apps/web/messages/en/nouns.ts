// What each noun is called, how one is begun, and what its changes are called.
export { default as containers } from './nouns/containers.json'
export { default as images } from './nouns/images.json'
export { default as volumes } from './nouns/volumes.json'
export { default as networks } from './nouns/networks.json'
export { default as hosts } from './nouns/hosts.json'
