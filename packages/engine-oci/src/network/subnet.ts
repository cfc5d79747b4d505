import { randomBytes } from 'node:crypto'
import { mkdir, readFile, readdir, rm } from 'node:fs/promises'
import { join } from 'node:path'
import { run, runOk, writeFileAtomic } from '@flotilla/host'
import { fail } from '@flotilla/protocol'
import { z } from 'zod'
import { type Block, type Family, familyOf, formatBlock, overlaps, parseBlock } from './addresses.ts'
import { withMachineLock } from './machine-lock.ts'

const Routes = z.array(z.object({ dst: z.string().optional(), dev: z.string().optional() }))
const routesMs = 10_000
/** Where all instances of this machine share a lock and the register of their subnets. */
const machineDir = '/run/flotilla'
const registerDir = join(machineDir, 'subnets')

/** A block of addresses that somebody has, and who, for a refusal. */
export interface UsedSubnet {
  subnet: string
  holder: string
}

const isFree = (block: Block, used: readonly Block[]): boolean => used.every((other) => !overlaps(block, other))
const blocksOf = (subnets: readonly string[]): Block[] => subnets.map(parseBlock).filter((block) => block !== null)

/** The first /24 that overlaps nothing, tried in an order of the instance's own. Throws RESOURCE_EXHAUSTED. */
export function chooseSubnet(instance: string, used: readonly string[]): string {
  const blocks = blocksOf(used)
  const start = Number.parseInt(instance.slice(0, 4), 16) || 0
  const candidates = [
    ...Array.from({ length: 2048 }, (_, index) => {
      const at = (index + start) % 2048
      return `10.${100 + (at >> 8)}.${at & 255}.0/24`
    }),
    ...Array.from({ length: 256 }, (_, index) => `172.30.${index}.0/24`),
    ...Array.from({ length: 128 }, (_, index) => `192.168.${100 + index}.0/24`),
  ]
  const free = candidates.find((candidate) => {
    const own = parseBlock(candidate)
    return own !== null && isFree(own, blocks)
  })
  if (free !== undefined) return free
  throw fail('network.noRoom')
}

/** A /64 of a random unique local prefix (RFC 4193) that overlaps nothing. */
function chooseSubnet6(used: readonly string[]): string {
  const blocks = blocksOf(used)
  for (let tries = 0; tries < 100; tries += 1) {
    const hex = `fd${randomBytes(7).toString('hex')}`
    const own = parseBlock(`${(hex.match(/.{4}/g) ?? []).join(':')}::/64`)
    if (own !== null && isFree(own, blocks)) return formatBlock(own)
  }
  throw fail('network.noRoom6')
}

const ofNetwork = 'another network of this host'

/** What live routes of other links and registered subnets of other networks take. */
async function usedSubnets(bridge: string | null, isOwn: (key: string) => boolean): Promise<UsedSubnet[]> {
  const live = await Promise.all(([4, 6] as const).map((family) => liveRoutes(family, bridge)))
  const keys = (await readdir(registerDir)).filter((key) => /^[0-9a-z]+$/.test(key) && !isOwn(key))
  const registered = await Promise.all(keys.map(registeredSubnet))
  const others = registered.filter((subnet) => subnet !== null)
  return [...live.flat(), ...others.map((subnet) => ({ subnet, holder: ofNetwork }))]
}

async function liveRoutes(family: Family, bridge: string | null): Promise<UsedSubnet[]> {
  const argv = ['ip', '-json', `-${family}`, 'route', 'show', 'table', 'all']
  const { stdout } = await runOk(argv, { timeoutMs: routesMs })
  return Routes.parse(JSON.parse(stdout.toString() || '[]')).flatMap(({ dst, dev }) => {
    // Every link has these two of IPv6, and they are no network of anybody's.
    const ofEveryLink = dst === 'ff00::/8' || dst?.startsWith('fe80:') === true
    if (dst === undefined || dst === 'default' || dev === bridge || dev === 'lo' || ofEveryLink) return []
    return [{ subnet: dst, holder: dev === undefined ? 'a route of this host' : `the route of ${dev}` }]
  })
}

/** What a network registered; null where it was taken away since its name was read, which needs no lock. */
async function registeredSubnet(key: string): Promise<string | null> {
  try {
    return (await readFile(join(registerDir, key), 'utf8')).trim()
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return null
    throw error
  }
}

const register = (key: string, subnet: string): Promise<void> =>
  writeFileAtomic(join(registerDir, key), `${subnet}\n`, { mode: 0o644 })

async function locked<T>(work: () => Promise<T>): Promise<T> {
  await mkdir(registerDir, { recursive: true })
  return withMachineLock(join(machineDir, 'network.lock'), work)
}

/**
 * Keeps `wanted` for an instance's default network where nobody else has it, else picks another, and registers it for the machine.
 * `keep` is set while containers still use it: then it stays whatever else appeared.
 */
export async function reserveSubnet(options: {
  instance: string
  bridge: string
  wanted: string | null
  keep: boolean
}): Promise<string> {
  return locked(async () => {
    const { instance, wanted } = options
    const used = (await usedSubnets(options.bridge, (key) => key === instance)).map(({ subnet }) => subnet)
    const own = wanted === null ? null : parseBlock(wanted)
    const free = wanted !== null && own !== null && (options.keep || isFree(own, blocksOf(used)))
    const subnet = free ? wanted : chooseSubnet(instance, used)
    await register(instance, subnet)
    return subnet
  })
}

/** One file for each family: an agent that knows one line in a file reads them as well. */
const keyOf = (instance: string, network: string, subnet: string): string =>
  `${instance}${network.slice(0, 12)}${familyOf(subnet) === 6 ? 'v6' : ''}`

/**
 * Reserves the subnets of a network to be: those asked for, and chosen ones for the families in `choose`. Throws CONFLICT that
 * names what a wanted one overlaps.
 */
export async function reserveSubnets(options: {
  instance: string
  network: string
  wanted: readonly string[]
  choose: readonly Family[]
  /** The id of the network that has a subnet; undefined where it is none of this engine's. */
  networkOf: (subnet: string) => string | undefined
}): Promise<string[]> {
  const { instance, network, wanted, choose } = options
  return locked(async () => {
    const used = await usedSubnets(null, () => false)
    for (const [at, subnet] of wanted.entries()) {
      const own = parseBlock(subnet)
      const other = used.find((each) => own !== null && !isFree(own, blocksOf([each.subnet])))
      if (other !== undefined) {
        const { subnet: theirs, holder } = other
        const id = options.networkOf(theirs)
        const network = id === undefined ? {} : { objects: [{ kind: 'network', id }] }
        const params = { subnet, other: theirs, holder: id === undefined ? holder : ofNetwork }
        throw fail('network.overlaps', params, { field: ['subnets', at, 'subnet'], ...network })
      }
    }
    const others = used.map(({ subnet }) => subnet)
    const chosen = choose.map((family) => (family === 4 ? chooseSubnet(instance, others) : chooseSubnet6(others)))
    const subnets = [...chosen, ...wanted].sort((one, other) => familyOf(one) - familyOf(other))
    for (const subnet of subnets) await register(keyOf(instance, network, subnet), subnet)
    return subnets
  })
}

/** Makes an instance's registrations those of these networks: the register is gone with a reboot, and a kill leaves some over. */
export async function registerSubnets(
  instance: string,
  networks: readonly { id: string; subnets: readonly { subnet: string }[] }[],
): Promise<void> {
  await mkdir(registerDir, { recursive: true })
  const wanted = new Map(
    networks.flatMap(({ id, subnets }) => subnets.map(({ subnet }) => [keyOf(instance, id, subnet), subnet] as const)),
  )
  for (const key of await ownKeys(instance)) if (!wanted.has(key)) await rm(join(registerDir, key), { force: true })
  for (const [key, subnet] of wanted) await register(key, subnet)
}

/** The registrations of an instance beside its default network's. */
async function ownKeys(instance: string): Promise<string[]> {
  const keys = await readdir(registerDir).catch(() => [])
  return keys.filter((key) => key.startsWith(instance) && key.length >= instance.length + 12)
}

const Addresses = z.array(z.object({ addr_info: z.array(z.object({ local: z.string(), prefixlen: z.number() })) }))

/** The subnet that an instance's default network has on this machine now: its bridge's, or else the registered one. */
export async function standingSubnet(instance: string, bridge: string): Promise<string | null> {
  const { stdout } = await run(['ip', '-json', '-4', 'address', 'show', 'dev', bridge], { timeoutMs: routesMs })
  const found = Addresses.safeParse(JSON.parse(stdout.toString() || '[]'))
  const [address] = found.success ? found.data.flatMap(({ addr_info }) => addr_info) : []
  const block = address === undefined ? null : parseBlock(`${address.local}/${address.prefixlen}`)
  return block === null ? registeredSubnet(instance) : formatBlock(block)
}

/** Gives a network's registrations back. Idempotent. */
export async function releaseSubnets(instance: string, network: string, subnets: readonly string[]): Promise<void> {
  for (const subnet of subnets) await rm(join(registerDir, keyOf(instance, network, subnet)), { force: true })
}

/** Gives all registrations of an instance back; for tests and for taking an instance away. */
export async function releaseSubnet(instance: string): Promise<void> {
  for (const key of [instance, ...(await ownKeys(instance))]) await rm(join(registerDir, key), { force: true })
}
