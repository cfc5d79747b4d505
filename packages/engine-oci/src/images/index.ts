export type { ImageCall, ImageEvent, ImageStore, ResolvedImage } from './image-store.ts'
export type { Snapshots } from './snapshots.ts'
