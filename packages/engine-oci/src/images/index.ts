export { createImageStore, type ImageStoreOptions } from './create-image-store.ts'
export { createSnapshots } from './create-snapshots.ts'
export type { ImageStore, ResolvedImage } from './image-store.ts'
export type { Snapshots } from './snapshots.ts'
