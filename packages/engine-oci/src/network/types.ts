import type { FailurePoint } from '@flotilla/engine'
import type { Reason, StoredReason, NetworkAttachment, NetworkCreateInput, PortMapping } from '@flotilla/protocol'
import type { RuntimeFiles } from '../runtime-spec/index.ts'
import type { ReservedAddress } from './endpoints.ts'
import type { Endpoint } from './lease-store.ts'
import type { StoredNetwork } from './stored-network.ts'

export interface NetworkOptions {
  /** Six hex digits that tell this instance's bridges, chains and networks from every other's on the machine. */
  instance: string
  /** Durable: networks, and in `network.json` the subnet and leases. */
  dataDir: string
  /** Gone with a reboot: namespace pins, netavark's folder, the sockets of the ports' holder and of the name server. */
  runDir: string
  log: { warn(fields: object, message: string): void }
  failurePoint: FailurePoint
  /** Most namespaces that are kept prepared for the next starts. None unless told otherwise. */
  spares?: number
  /** Names the servers that are asked what is no container's: the host's own, unless told otherwise. */
  resolvConf?: string
  /** Fixed addresses that containers ask for, whether they run or not: nobody else is given them by chance. */
  reserved?: () => readonly ReservedAddress[]
}

export interface NetworkRequest {
  containerId: string
  /** Other containers find it by this name. */
  name: string
  hostname: string
  /** Where it is not `bridge`, nothing is made here. */
  network: string
  /** The networks it is put on, the way out first; left out, the default network. */
  networks?: readonly NetworkAttachment[]
  ports: readonly PortMapping[]
  /** The container's own folder: resolv.conf, hosts and hostname are written there. */
  folder: string
  signal?: AbortSignal
  /**
   * Called once the namespace is there and all is known, before its links are: a container may be made from here on, and
   * started when `setup` has answered. The rules wait until it answers: starting a program stops the whole agent for
   * milliseconds, and the runtime, which takes longer than the rules do, goes first. It must not wait for `setup`.
   */
  onNamespace?: (setup: NetworkSetup) => Promise<void>
}

export interface NetworkSetup {
  /** Null: the host's namespace, or for `none` a new empty one that the runtime makes. */
  netnsPath: string | null
  /** The one of its addresses through which it is published, of IPv4 where it has one. */
  address: string | null
  /** With the real host ports. */
  ports: PortMapping[]
  files: RuntimeFiles
}

/** A running container whose networks or ports change. */
export interface RunningContainer extends Pick<NetworkRequest, 'containerId' | 'hostname' | 'folder' | 'signal'> {
  /** Called once all is changed, before it is answered: where it throws, the change is taken back. */
  onChanged?: (state: NetworkState) => Promise<unknown>
}

/** What is known of a container whose network is on the machine, but not in a lease. */
export interface RunningNetwork extends Pick<NetworkRequest, 'containerId' | 'name' | 'ports'> {
  /** The name of its namespace's pin. */
  pin: string
  networks: readonly NetworkAttachment[]
}

/** What of a running container has changed with its networks. */
export interface NetworkState {
  address: string | null
  ports: PortMapping[]
}

/** What a container is to have of networks and ports; a host port of 0 is any. */
export interface WantedNetwork {
  networks: readonly NetworkAttachment[]
  ports: readonly PortMapping[]
}

export interface Networks {
  /**
   * Makes all that a container's start needs. What is made is in the lease file first, so that `teardown` finds it even
   * after a crash; where this throws, everything is taken back. CONFLICT where a port is taken, naming its holder.
   */
  setup(request: NetworkRequest): Promise<NetworkSetup>
  /** Takes a container's network away. Idempotent; nothing to do is no error. */
  teardown(containerId: string): Promise<void>
  /** Links a running container to one more network; where it is on it already nothing is done. All or nothing, as the next two. */
  connect(container: RunningContainer, attachment: NetworkAttachment): Promise<NetworkState>
  /** Takes a running container from a network; where it is not on it nothing is done. */
  disconnect(container: RunningContainer, network: string): Promise<NetworkState>
  /** Makes the ports of a running container exactly these. */
  setPorts(container: RunningContainer, ports: readonly PortMapping[]): Promise<NetworkState>
  /**
   * Completes or takes back what a killed agent left half changed, or a change that failed and could not be taken back: networks
   * and ports become those that are given. Null where the container has no lease.
   */
  restore(container: RunningContainer, wanted: WantedNetwork): Promise<NetworkState | null>
  /** The places of a container that is running; none where it has no lease. */
  endpointsOf(containerId: string): readonly Endpoint[]
  /** Where the network namespace of a container with a lease is pinned; null without one. */
  namespaceOf(containerId: string): string | null
  /** Why a running container may not have just the ports and networks that are listed, as it was found last; null where it has. */
  trouble(containerId: string): StoredReason | null
  /** What the change that is under way waits for, and with it all that come after, if for longer than usual; cheap. */
  wait(): Reason | null
  /** Whether a change of a running container failed and could not be taken back yet: `restore` is due, until it succeeds. Cheap. */
  isHalfChanged(containerId: string): boolean
  /**
   * Puts back what others took away of rules, links, settings of the kernel and held ports, where something of it has changed. Cheap
   * where nothing has: call it every few seconds. True where something was missing.
   */
  tend(signal?: AbortSignal): Promise<boolean>
  /** Puts back firewall rules that others flushed, and ports whose holder was killed. True where something was missing. */
  reconcile(signal?: AbortSignal): Promise<boolean>
  /**
   * Finds leases again whose file was damaged or removed while containers ran, from their namespaces and what `running` tells.
   * Once, before anything else; where nothing was lost nothing is done.
   */
  rebuild(running: () => Promise<readonly RunningNetwork[]>): Promise<void>
  /** Ids of containers that have a lease, a namespace pin or a held port; the sweep tears down those that do not run. */
  list(): Promise<string[]>
  /** Removes prepared namespaces that an earlier agent left, and does what `reconcile` does. Once, before the first `setup`. */
  recover(signal?: AbortSignal): Promise<void>
  /** Ends what is being prepared and lets the prepared namespaces go; containers keep theirs. */
  close(): Promise<void>
  /** Options that this host cannot have, as it was found last, and why. */
  absences(): Readonly<Record<string, StoredReason>>
  /** What people made of networks, and the default one. */
  readonly definitions: NetworkDefinitions
  readonly facts: { bridge: string; network: string; subnet: string; gateway: string }
}

export interface NetworkDefinitions {
  all(): StoredNetwork[]
  get(id: string): StoredNetwork | undefined
  /** By id, unique prefix of it, or name. Throws NOT_FOUND, or CONFLICT with the candidates. */
  find(ref: string): StoredNetwork
  /** The same operation id gives the same network. */
  create(input: NetworkCreateInput, operationId: string): Promise<StoredNetwork>
  /** Throws CONFLICT where a running container is on it, or where it is the default. Idempotent. */
  remove(id: string): Promise<void>
}
