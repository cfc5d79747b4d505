import type { QuotaGroups } from '../quota/quota-groups.ts'

/** Root file systems of containers, each above the layers of an image. */
export interface Snapshots {
  /** `overlay`: mounted, nothing copied. `copy`: where overlayfs cannot be mounted here, with the reason. */
  readonly driver: 'overlay' | 'copy'
  readonly reason: string | undefined
  /** Why no container's writable folder can be limited here; undefined where it can. */
  readonly noLimit: string | undefined
  /** The quota groups of what was limited and is gone. */
  readonly groups: QuotaGroups
  /** Where the container's root file system is while it is mounted. Known before it is prepared. */
  rootPath(containerId: string): string
  /**
   * Makes the container's writable folder above these layers (`ResolvedImage.chainIds`; pin the image first), which holds at
   * most `limitBytes` where that is given. Idempotent for the same container.
   */
  prepare(containerId: string, chainIds: readonly string[], limitBytes?: number): Promise<void>
  /** Mounts what was prepared and gives `rootPath`. Idempotent. Throws NOT_FOUND where nothing was prepared. */
  mount(containerId: string): Promise<string>
  /** Idempotent. The writable folder stays. */
  unmount(containerId: string): Promise<void>
  /** Unmounts and removes all of it. Idempotent. */
  remove(containerId: string): Promise<void>
  /** Containers that have a snapshot, half made ones too. */
  list(): Promise<string[]>
}
