import type { FailurePoint } from '@flotilla/engine'
import type { RuntimeFiles } from '../runtime-spec/index.ts'
import type { ContainerSpec, PortMapping } from '@flotilla/protocol'

export interface NetworkOptions {
  /** Six hex digits that tell this instance's bridge, chains and network from every other's on the machine. */
  instance: string
  /** Durable: subnet and leases, in `network.json`. */
  dataDir: string
  /** Gone with a reboot: namespace pins, netavark's and aardvark's folders. */
  runDir: string
  log: { warn(fields: object, message: string): void }
  failurePoint: FailurePoint
  /** Most namespaces that are kept prepared for the next starts. None unless told otherwise. */
  spares?: number
}

export interface NetworkRequest {
  containerId: string
  /** Other containers find it by this name. */
  name: string
  hostname: string
  network: ContainerSpec['network']
  ports: readonly PortMapping[]
  /** The container's own folder: resolv.conf, hosts and hostname are written there. */
  folder: string
  signal?: AbortSignal
  /**
   * Called once the namespace is there and all is known, before its links are: a container may be made from here on, and
   * started when `setup` has answered.
   */
  onNamespace?: (setup: NetworkSetup) => void
}

export interface NetworkSetup {
  /** Null: the host's namespace, or for `none` a new empty one that the runtime makes. */
  netnsPath: string | null
  address: string | null
  /** With the real host ports. */
  ports: PortMapping[]
  /** Sockets bound to the published ports. Hand them to conmon, which holds them as long as it lives. */
  heldFds: number[]
  files: RuntimeFiles
  /** Closes our own copies of `heldFds`: call it once conmon has them, and also when the start failed. Idempotent. */
  release(): Promise<void>
}

export interface Networks {
  /**
   * Makes all that a container's start needs. What is made is in the lease file first, so that `teardown` finds it even
   * after a crash; where this throws, everything is taken back. CONFLICT where a port is taken, naming its holder.
   */
  setup(request: NetworkRequest): Promise<NetworkSetup>
  /** Takes a container's network away. Idempotent; nothing to do is no error. */
  teardown(containerId: string): Promise<void>
  /** Puts back firewall rules that others flushed. True where something was missing. Call it on a timer and at recovery. */
  reconcile(signal?: AbortSignal): Promise<boolean>
  /** Ids of containers that have a lease or a namespace pin; the sweep tears down those that do not run. */
  list(): Promise<string[]>
  /** Removes prepared namespaces that an earlier agent left. Once, before the first `setup`. */
  recover(): Promise<void>
  /** Ends what is being prepared and lets the prepared namespaces go; containers keep theirs. */
  close(): Promise<void>
  readonly facts: { bridge: string; network: string; subnet: string; gateway: string; dns: boolean }
}
