import type { Call, EngineEvent, FlotillaError, Image, ImageDetail, ImageRemoval, PullInput } from '@flotilla/protocol'
import type { ImageConfig } from '@flotilla/oci'

export type ImageEvent = Extract<EngineEvent, { kind: 'image' }>

/** What a change of images needs of its call. */
export type ImageCall = Pick<Call, 'signal' | 'progress'>

/** All that a container needs to be made from an image. */
export interface ResolvedImage {
  /** The config's digest. */
  id: string
  /** The first reference, as Docker normalises it, or the id where it has none. */
  reference: string
  config: ImageConfig
  /** Chain ids of its layers, lowest first: what `Snapshots.prepare` takes. */
  chainIds: readonly string[]
}

/** An unpacked layer, as snapshots are made of. */
export interface UnpackedLayer {
  /** Below the store's folder: `l/…`. */
  folder: string
  /** Paths that it hides of the layers below, for a driver that copies. */
  whiteouts: readonly string[]
  opaques: readonly string[]
}

/** The images of one host: content, unpacked layers, references. All reads are from memory. */
export interface ImageStore {
  /** Why the catalogue cannot be read: then no image is known and none can be changed. Undefined where all is well. */
  readonly damage: FlotillaError | undefined
  list(): Promise<Image[]>
  /** Throws NOT_FOUND, or CONFLICT where a prefix fits several images. */
  inspect(ref: string): Promise<ImageDetail>
  /** Answers when the image is there, unpacked. What failed or was cancelled leaves nothing. */
  pull(input: PullInput, call: ImageCall): Promise<Image>
  /**
   * Untags a reference, or an id with all its references, and frees what nothing needs before it answers.
   * CONFLICT where containers pin it; with `force` only the references go, and the rest when the last container does.
   */
  remove(input: { id: string; force: boolean }, call: Pick<ImageCall, 'signal'>): Promise<ImageRemoval>
  /** Id, unique prefix, reference or digest reference. Throws NOT_FOUND or CONFLICT. */
  resolve(ref: string): Promise<ResolvedImage>
  /** The layers of a resolved image, lowest first. Throws NOT_FOUND where one is gone: the image was not pinned. */
  layers(chainIds: readonly string[]): UnpackedLayer[]
  /** Keeps an image for as long as a container is there; on disk when it answers. Idempotent. */
  pin(imageId: string, containerId: string): Promise<void>
  /** Idempotent. Frees the image where it was removed by force meanwhile. */
  unpin(containerId: string): Promise<void>
  /** Takes an image from an OCI layout folder under a reference, as a pull would. */
  importLayout(dir: string, reference: string, call: ImageCall): Promise<Image>
  /** Listeners are called at once, in order. Gives the function that ends it. */
  onEvent(listener: (event: ImageEvent) => void): () => void
  /**
   * Takes back what a dead agent left half made. `containers`: those that exist with the images that they need, as far as that
   * is known: pins of others are dropped, and those that were lost are made again. Left out, every pin stays. Call it once,
   * before any change.
   */
  recover(signal: AbortSignal, containers?: ReadonlyMap<string, string | undefined>): Promise<void>
  /** Cancels what runs and waits for its end. */
  close(): Promise<void>
}
