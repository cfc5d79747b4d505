import { mkdir, readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import type { RuntimeFiles } from '../runtime-spec/index.ts'
import type { NetworkRequest } from './types.ts'

/** How a container sees itself: its own addresses, the host's, and whom it asks for names. */
export interface OwnLinks {
  addresses: readonly string[]
  gateway: string | null
  /** Empty: the host's are asked. */
  nameServers: readonly string[]
}

/** Writes a container's resolv.conf, hosts and hostname into its folder, in place where it runs already, and gives their paths. */
export async function writeContainerFiles(
  request: Pick<NetworkRequest, 'folder' | 'hostname' | 'name'>,
  links: OwnLinks | null,
): Promise<RuntimeFiles> {
  await mkdir(request.folder, { recursive: true, mode: 0o700 })
  const hostResolv = await readFile('/etc/resolv.conf', 'utf8').catch(() => '') // a host without one has no resolver
  const contents = {
    'resolv.conf': resolvConf(hostResolv, links),
    hosts: hosts(request, links),
    hostname: `${request.hostname}\n`,
  }
  const paths = await Promise.all(
    Object.entries(contents).map(async ([name, text]) => {
      const path = join(request.folder, name)
      await writeFile(path, text, { mode: 0o644 })
      return [name, path] as const
    }),
  )
  const byName = new Map<string, string>(paths)
  return {
    resolvConf: byName.get('resolv.conf') ?? null,
    hosts: byName.get('hosts') ?? null,
    hostname: byName.get('hostname') ?? null,
  }
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
