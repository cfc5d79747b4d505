import { mkdir, readFile, readdir, rm } from 'node:fs/promises'
import { join } from 'node:path'
import { runOk, writeFileAtomic } from '@flotilla/host'
import { FlotillaError } from '@flotilla/protocol'
import { z } from 'zod'
import { withMachineLock } from './machine-lock.ts'

const Routes = z.array(z.object({ dst: z.string().optional(), dev: z.string().optional() }))
const reservedMs = 10_000
/** Where all instances of this machine share a lock and the register of their subnets. */
const machineDir = '/run/flotilla'
const registerDir = join(machineDir, 'subnets')

interface Range {
  first: number
  last: number
}

/** `10.0.0.0/8` or `10.0.0.1` as its first and last address; null for what is no IPv4 network. */
export function parseRange(text: string): Range | null {
  const match = /^(\d{1,3})\.(\d{1,3})\.(\d{1,3})\.(\d{1,3})(?:\/(\d{1,2}))?$/.exec(text)
  if (match === null) return null
  const parts = match.slice(1, 5).map(Number)
  const bits = match[5] === undefined ? 32 : Number(match[5])
  if (parts.some((part) => part > 255) || bits > 32) return null
  const address = parts.reduce((sum, part) => sum * 256 + part, 0)
  const size = 2 ** (32 - bits)
  const first = Math.floor(address / size) * size
  return { first, last: first + size - 1 }
}

/** The first /24 that overlaps nothing, tried in an order of the instance's own. Throws RESOURCE_EXHAUSTED. */
export function chooseSubnet(instance: string, taken: readonly string[]): string {
  const ranges = taken.map(parseRange).filter((range) => range !== null)
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
    const own = parseRange(candidate)
    return own !== null && ranges.every((range) => range.last < own.first || range.first > own.last)
  })
  if (free !== undefined) return free
  throw new FlotillaError(
    'RESOURCE_EXHAUSTED',
    "This host's routes leave no private network free for containers. Remove a route that covers all of 10.0.0.0/8.",
  )
}

/** What live routes of other interfaces and other instances' registered subnets take. */
async function takenSubnets(bridge: string, instance: string): Promise<string[]> {
  const { stdout } = await runOk(['ip', '-json', '-4', 'route', 'show', 'table', 'all'], { timeoutMs: reservedMs })
  const routes = Routes.parse(JSON.parse(stdout.toString()))
  const live = routes.flatMap(({ dst, dev }) =>
    dst === undefined || dst === 'default' || dev === bridge || dev === 'lo' ? [] : [dst],
  )
  const others = (await readdir(registerDir)).filter((name) => /^[0-9a-z]+$/.test(name) && name !== instance)
  const registered = await Promise.all(others.map(registeredSubnet))
  return [...live, ...registered.filter((subnet) => subnet !== null)]
}

/** What an instance registered; null where it was taken away since its name was read, which needs no lock. */
async function registeredSubnet(instance: string): Promise<string | null> {
  try {
    return (await readFile(join(registerDir, instance), 'utf8')).trim()
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return null
    throw error
  }
}

/**
 * Keeps `wanted` where nobody else has it, else picks another, and registers it for the machine. `keep` is set while
 * containers still use it: then it stays whatever else appeared.
 */
export async function reserveSubnet(options: {
  instance: string
  bridge: string
  wanted: string | null
  keep: boolean
}): Promise<string> {
  await mkdir(registerDir, { recursive: true })
  return withMachineLock(join(machineDir, 'network.lock'), async () => {
    const taken = await takenSubnets(options.bridge, options.instance)
    const { wanted } = options
    const free = wanted !== null && (options.keep || isFree(wanted, taken))
    const subnet = free ? wanted : chooseSubnet(options.instance, taken)
    await writeFileAtomic(join(registerDir, options.instance), `${subnet}\n`, { mode: 0o644 })
    return subnet
  })
}

/** Gives the registration back; for tests and for taking an instance away. */
export async function releaseSubnet(instance: string): Promise<void> {
  await rm(join(registerDir, instance), { force: true })
}

function isFree(subnet: string, taken: readonly string[]): boolean {
  const own = parseRange(subnet)
  return (
    own !== null &&
    taken.every((text) => {
      const range = parseRange(text)
      return range === null || range.last < own.first || range.first > own.last
    })
  )
}
