// The long texts of single pages and dialogs, a file a namespace.
export { default as bulk } from './bulk.json'
export { default as dialogs } from './dialogs.json'
export { default as json } from './json.json'
export { default as overview } from './overview.json'
export { default as run } from './run.json'
export { default as setup } from './setup.json'
export { default as signIn } from './sign-in.json'
// Those of nouns, a file each.
export * from './nouns/containers.ts'
export * from './nouns/hosts.ts'
export * from './nouns/images.ts'
export * from './nouns/networks.ts'
export * from './nouns/volumes.ts'
