export { createImageStore, type ImageStoreOptions } from './create-image-store.ts'
export { createSnapshots, type SnapshotsOptions } from './create-snapshots.ts'
export type { ImageCall, ImageEvent, ImageStore, ResolvedImage, UnpackedLayer } from './image-store.ts'
export type { Snapshots } from './snapshots.ts'
