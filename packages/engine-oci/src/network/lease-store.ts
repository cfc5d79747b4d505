import { mkdir, readFile } from 'node:fs/promises'
import { dirname } from 'node:path'
import { writeFileAtomic } from '@flotilla/host'
import { FlotillaError, PortMapping } from '@flotilla/protocol'
import { z } from 'zod'

const Lease = z.object({
  name: z.string(),
  address: z.string(),
  ports: z.array(PortMapping),
})
export type Lease = z.infer<typeof Lease>

const State = z.object({
  version: z.literal(1),
  subnet: z.string().nullable(),
  leases: z.record(z.string(), Lease),
})
type State = z.infer<typeof State>

/** The durable file of one network: its subnet and who has which address and ports. Written before the thing is made. */
export interface LeaseStore {
  readonly subnet: string | null
  readonly leases: Readonly<Record<string, Lease>>
  setSubnet(subnet: string): Promise<void>
  /** Gives the container a free address. Throws RESOURCE_EXHAUSTED where the network is full. */
  take(containerId: string, lease: { name: string; ports: PortMapping[] }): Promise<Lease>
  drop(containerId: string): Promise<void>
}

/** Opens the file at `path`, or begins with nothing. A file that is no lease file throws INTERNAL rather than being lost. */
export async function openLeaseStore(path: string): Promise<LeaseStore> {
  await mkdir(dirname(path), { recursive: true, mode: 0o700 })
  let state = await load(path)
  const save = async (next: State) => {
    await writeFileAtomic(path, JSON.stringify(next), { durable: true })
    state = next
  }
  return {
    get subnet() {
      return state.subnet
    },
    get leases() {
      return state.leases
    },
    setSubnet: (subnet) => save({ ...state, subnet }),
    async take(containerId, { name, ports }) {
      const address = state.leases[containerId]?.address ?? freeAddress(state)
      const lease = { name, address, ports }
      await save({ ...state, leases: { ...state.leases, [containerId]: lease } })
      return lease
    },
    async drop(containerId) {
      if (state.leases[containerId] === undefined) return
      const { [containerId]: _gone, ...leases } = state.leases
      await save({ ...state, leases })
    },
  }
}

async function load(path: string): Promise<State> {
  let text: string
  try {
    text = await readFile(path, 'utf8')
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT') {
      return { version: 1, subnet: null, leases: {} }
    }
    throw error
  }
  try {
    return State.parse(JSON.parse(text))
  } catch (error) {
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
