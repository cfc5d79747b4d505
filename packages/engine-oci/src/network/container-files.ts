import { mkdir, readFile, stat, truncate, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import type { RuntimeFiles } from '../runtime-spec/index.ts'
import { markPart, replacePart } from './marked-part.ts'
import { overwriteFile } from './overwrite-file.ts'
import type { NetworkRequest } from './types.ts'

/** How a container sees itself: its own addresses, the host's, and whom it asks for names. */
export interface OwnLinks {
  addresses: readonly string[]
  gateway: string | null
  /** Empty: the host's are asked. */
  nameServers: readonly string[]
}

type FileRequest = Pick<NetworkRequest, 'folder' | 'hostname' | 'name'> & Partial<Pick<NetworkRequest, 'network'>>

const fileNames = ['resolv.conf', 'hosts', 'hostname'] as const
/** A file of a new container: what is written at a start has a block, on a full disk too. */
const blockBytes = 4096

/** Makes a new container's files, with nothing in them yet. */
export async function makeContainerFiles(folder: string): Promise<void> {
  await mkdir(folder, { recursive: true, mode: 0o700 })
  for (const name of fileNames) await writeFile(join(folder, name), '\n', { mode: 0o644 })
}

/** Writes a container's resolv.conf, hosts and hostname into its folder for a start, and gives their paths. */
export async function writeContainerFiles(request: FileRequest, links: OwnLinks | null): Promise<RuntimeFiles> {
  await mkdir(request.folder, { recursive: true, mode: 0o700 })
  const path = (name: string) => join(request.folder, name)
  const parts = [...(await ownParts(request, links)), { name: 'hostname', text: `${request.hostname}\n` }]
  for (const { name, text } of parts) {
    const isMarked = links !== null && name !== 'hostname'
    await writeForStart(path(name), isMarked ? markPart(text) : text)
  }
  return { resolvConf: path('resolv.conf'), hosts: path('hosts'), hostname: path('hostname') }
}

/** Makes our part of a running container's resolv.conf and hosts what it should be; lines that are not ours stay. */
export async function updateContainerFiles(request: FileRequest, links: OwnLinks): Promise<void> {
  for (const { name, text } of await ownParts(request, links)) {
    const path = join(request.folder, name)
    const changed = replacePart(await readFile(path, 'utf8'), text)
    if (changed !== null) await overwriteFile(path, changed)
  }
}

async function writeForStart(path: string, text: string): Promise<void> {
  const size = await stat(path).then(
    (found) => found.size,
    () => 0, // one that an older agent made has none between its runs
  )
  // Nobody has read what was never written to.
  if (size === 1) return writeFile(path, text, { flag: 'r+' })
  // The run before may have written into it as much as it wanted.
  if (size > blockBytes) await truncate(path, blockBytes)
  // Who shares its network may read it just then.
  await overwriteFile(path, text)
}

async function ownParts(request: FileRequest, links: OwnLinks | null): Promise<{ name: string; text: string }[]> {
  const hostResolv = await readFile('/etc/resolv.conf', 'utf8').catch(() => '') // a host without one has no resolver
  // On the host's network the host's names are true, and a container's own would be none of anybody.
  const hostHosts = request.network === 'host' ? await readFile('/etc/hosts', 'utf8').catch(() => null) : null
  return [
    { name: 'resolv.conf', text: resolvConf(hostResolv, links) },
    { name: 'hosts', text: hostHosts ?? hosts(request, links) },
  ]
}

/** On our bridges their name servers come first; without them the host's, less those that only its own loopback reaches. */
export function resolvConf(host: string, links: Pick<OwnLinks, 'nameServers'> | null): string {
  if (links === null) return host
  const lines = host.split('\n').filter((line) => /^\s*(search|domain|options|nameserver)\s/.test(line))
  const retained = lines.filter((line) => !/^\s*nameserver\s+(127\.|::1)/.test(line))
  if (links.nameServers.length === 0) return `${retained.join('\n')}\n`
  const others = retained.filter((line) => !/^\s*nameserver\s/.test(line))
  return `${[...others, ...links.nameServers.map((address) => `nameserver ${address}`)].join('\n')}\n`
}

export function hosts(
  request: Pick<NetworkRequest, 'hostname' | 'name'>,
  links: Pick<OwnLinks, 'addresses' | 'gateway'> | null,
): string {
  const names = [...new Set([request.hostname, request.name])].join(' ')
  const lines = ['127.0.0.1\tlocalhost', '::1\tlocalhost ip6-localhost ip6-loopback']
  if (links === null) lines.push(`127.0.1.1\t${names}`)
  for (const address of links?.addresses ?? []) lines.push(`${address}\t${names}`)
  const gateway = links?.gateway ?? null
  if (gateway !== null) lines.push(`${gateway}\thost.containers.internal host.docker.internal`)
  return `${lines.join('\n')}\n`
}
