import { mkdir, readFile } from 'node:fs/promises'
import { dirname } from 'node:path'
import { isNoSpace, removeUnfinished, writeFileAtomic } from '@flotilla/host'
import { FlotillaError, PortMapping } from '@flotilla/protocol'
import { z } from 'zod'

const Lease = z.object({
  name: z.string(),
  address: z.string(),
  ports: z.array(PortMapping),
  /** Its namespace's pin, where that is not named by the container: the one of the spare that it took over. */
  pin: z.string().optional(),
})
export type Lease = z.infer<typeof Lease>

const State = z.object({
  version: z.literal(1),
  subnet: z.string().nullable(),
  leases: z.record(z.string(), Lease),
})
type State = z.infer<typeof State>
const nothing: State = { version: 1, subnet: null, leases: {} }

/**
 * The file of one network: its subnet and who has which address and ports. Written before the thing is made. A killed agent
 * loses nothing; leases are not synced to the disk, since none of what they name outlives the machine's run.
 */
export interface LeaseStore {
  readonly subnet: string | null
  readonly leases: Readonly<Record<string, Lease>>
  setSubnet(subnet: string): Promise<void>
  /** Gives the container a free address. Throws RESOURCE_EXHAUSTED where the network is full. */
  take(containerId: string, lease: { name: string; ports: PortMapping[] }): Promise<Lease>
  /** Gives the container another's lease, address and namespace included, in one write. */
  pass(from: string, containerId: string, lease: { name: string; ports: PortMapping[] }): Promise<Lease>
  drop(containerId: string): Promise<void>
}

/**
 * Opens the file at `path`, or begins with nothing. A file that is no lease file throws INTERNAL rather than being lost, unless
 * `inUse` says that nothing of it is there: a power cut may have emptied it, and then it names nothing any more.
 */
export async function openLeaseStore(path: string, inUse = true): Promise<LeaseStore> {
  await mkdir(dirname(path), { recursive: true, mode: 0o700 })
  await removeUnfinished(path)
  let state = await load(path, inUse)
  const save = async (next: State, durable = false) => {
    await writeFileAtomic(path, JSON.stringify(next), { durable })
    state = next
  }
  return {
    get subnet() {
      return state.subnet
    },
    get leases() {
      return state.leases
    },
    setSubnet: (subnet) => save({ ...state, subnet }, true),
    async take(containerId, { name, ports }) {
      const address = state.leases[containerId]?.address ?? freeAddress(state)
      const lease = { name, address, ports }
      await save({ ...state, leases: { ...state.leases, [containerId]: lease } })
      return lease
    },
    async pass(from, containerId, { name, ports }) {
      const { [from]: given, ...others } = state.leases
      if (given === undefined) throw new FlotillaError('INTERNAL', `There is no network lease of ${from} to pass on.`)
      const lease = { name, address: given.address, ports, pin: given.pin ?? from }
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

async function load(path: string, inUse: boolean): Promise<State> {
  let text: string
  try {
    text = await readFile(path, 'utf8')
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return nothing
    throw error
  }
  try {
    return State.parse(JSON.parse(text))
  } catch (error) {
    if (!inUse) return nothing
    throw new FlotillaError('INTERNAL', `The network's lease file ${path} is damaged. Restore it or move it away.`, {
      cause: error,
    })
  }
}

/** .1 is the bridge; addresses go round, so that one just given back is not reused at once. */
function freeAddress(state: State): string {
  const prefix = (state.subnet ?? '').split('.').slice(0, 3).join('.')
  const used = new Set(Object.values(state.leases).map((lease) => lease.address))
  const last = Object.values(state.leases).at(-1)?.address.split('.')[3]
  const start = Number(last ?? 1)
  for (let step = 1; step <= 253; step += 1) {
    const address = `${prefix}.${2 + ((start - 2 + step + 253) % 253)}`
    if (!used.has(address)) return address
  }
  throw new FlotillaError(
    'RESOURCE_EXHAUSTED',
    "The container network's 253 addresses are all in use. Remove containers.",
  )
}
