import { mkdir, readFile } from 'node:fs/promises'
import { dirname } from 'node:path'
import { isNoSpace, removeUnfinished, setAside, writeJsonWithSpare } from '@flotilla/host'
import { PortMapping, fail } from '@flotilla/protocol'
import { z } from 'zod'

/** A container's place on one network. */
export const Endpoint = z.object({
  network: z.string(),
  /** The link's name inside: `eth0`. Of several networks the one with the lowest number is the way out. */
  interfaceName: z.string(),
  macAddress: z.string().nullable(),
  /** The number of the link's end on the host; null until it is there, and where an agent before this one made it. */
  hostLink: z.number().int().nullable().default(null),
  ipv4: z.string().nullable(),
  ipv6: z.string().nullable(),
  aliases: z.array(z.string()),
  /** False from before the link is made until it is there. */
  linked: z.boolean(),
})
export type Endpoint = z.infer<typeof Endpoint>

const Lease = z.object({
  name: z.string(),
  endpoints: z.array(Endpoint),
  ports: z.array(PortMapping),
  /** Its namespace's pin, where that is not named by the container: the one of the spare that it took over. */
  pin: z.string().optional(),
})
export type Lease = z.infer<typeof Lease>

interface Log {
  warn(fields: object, message: string): void
}

const State = z.object({
  version: z.literal(2),
  subnet: z.string().nullable(),
  leases: z.record(z.string(), Lease),
})
type State = z.infer<typeof State>
const nothing: State = { version: 2, subnet: null, leases: {} }

/** What an agent wrote that knew one network alone. */
const FirstState = z.object({
  version: z.literal(1),
  subnet: z.string().nullable(),
  leases: z.record(
    z.string(),
    z.object({ name: z.string(), address: z.string(), ports: z.array(PortMapping), pin: z.string().optional() }),
  ),
})

/**
 * Who is on which network with which addresses and ports, and the default network's subnet. Written before the thing is made.
 * A killed agent loses nothing; leases are not synced to the disk, since none of what they name outlives the machine's run.
 */
export interface LeaseStore {
  readonly subnet: string | null
  readonly leases: Readonly<Record<string, Lease>>
  /** Set while namespaces are pinned of which nothing is known: `rebuild` is due before anything else. */
  readonly isLost: boolean
  /** Begins with what was found on the machine. */
  rebuild(subnet: string, leases: Readonly<Record<string, Lease>>): Promise<void>
  setSubnet(subnet: string): Promise<void>
  set(containerId: string, lease: Lease): Promise<Lease>
  /** Gives the container another's lease, addresses and namespace included, in one write. */
  pass(from: string, containerId: string, changes: Pick<Lease, 'name' | 'ports' | 'endpoints'>): Promise<Lease>
  drop(containerId: string): Promise<void>
}

/**
 * Opens the file at `path`, or begins with nothing. One that cannot be read is set aside with a warning. `inUse` says that
 * namespaces are pinned: then what the file said is to be found again, also where somebody removed it.
 */
export async function openLeaseStore(
  path: string,
  defaultNetwork: string,
  { inUse, log }: { inUse: boolean; log: Log },
): Promise<LeaseStore> {
  await mkdir(dirname(path), { recursive: true, mode: 0o700 })
  await removeUnfinished(dirname(path))
  const found = await load(path, defaultNetwork, log)
  let state = found ?? nothing
  let isLost = inUse && found === undefined
  const save = async (next: State, durable = false) => {
    await writeJsonWithSpare(path, JSON.stringify(next), { durable })
    state = next
  }
  return {
    get subnet() {
      return state.subnet
    },
    get leases() {
      return state.leases
    },
    get isLost() {
      return isLost
    },
    async rebuild(subnet, leases) {
      await save({ version: 2, subnet, leases: { ...leases } }, true)
      isLost = false
    },
    setSubnet: (subnet) => save({ ...state, subnet }, true),
    async set(containerId, lease) {
      await save({ ...state, leases: { ...state.leases, [containerId]: lease } })
      return lease
    },
    async pass(from, containerId, changes) {
      const { [from]: given, ...others } = state.leases
      if (given === undefined) throw fail('network.noLease', { container: from })
      const lease = { ...changes, pin: given.pin ?? from }
      await save({ ...state, leases: { ...others, [containerId]: lease } })
      return lease
    },
    async drop(containerId) {
      if (state.leases[containerId] === undefined) return
      const { [containerId]: _gone, ...leases } = state.leases
      const next = { ...state, leases }
      await save(next).catch((error: unknown) => {
        if (!isNoSpace(error)) throw error
        // A full disk keeps nobody from being stopped: the next write leaves it out, or the next start's sweep drops it again.
        state = next
      })
    },
  }
}

/** Undefined where there is none that can be read. */
async function load(path: string, defaultNetwork: string, log: Log): Promise<State | undefined> {
  let text: string
  try {
    text = await readFile(path, 'utf8')
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return undefined
    throw error
  }
  try {
    const parsed: unknown = JSON.parse(text)
    const first = FirstState.safeParse(parsed)
    return first.success ? upgrade(first.data, defaultNetwork) : State.parse(parsed)
  } catch (error) {
    log.warn(
      { err: error, path: await setAside(path) },
      'the list of addresses and ports of containers cannot be read and was moved aside; it is made anew from what runs',
    )
    return undefined
  }
}

function upgrade({ subnet, leases }: z.infer<typeof FirstState>, network: string): State {
  const place = {
    network,
    interfaceName: 'eth0',
    macAddress: null,
    hostLink: null,
    ipv6: null,
    aliases: [],
    linked: true,
  }
  const upgraded = Object.entries(leases).map(([id, { address, ...lease }]) => [
    id,
    { ...lease, endpoints: [{ ...place, ipv4: address }] },
  ])
  return { version: 2, subnet, leases: Object.fromEntries(upgraded) as State['leases'] }
}
