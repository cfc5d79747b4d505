import { mkdir, readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import type { RuntimeFiles } from '../runtime-spec/index.ts'
import type { NetworkRequest } from './types.ts'

/** Writes a container's resolv.conf, hosts and hostname into its folder and gives their paths. */
export async function writeContainerFiles(
  request: NetworkRequest,
  link: { address: string; gateway: string; dns: boolean } | null,
): Promise<RuntimeFiles> {
  await mkdir(request.folder, { recursive: true, mode: 0o700 })
  const hostResolv = await readFile('/etc/resolv.conf', 'utf8').catch(() => '') // a host without one has no resolver
  const contents = {
    'resolv.conf': resolvConf(hostResolv, link),
    hosts: hosts(request, link),
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

/** On the bridge our name server comes first; without it the host's, less those that only its own loopback reaches. */
export function resolvConf(host: string, link: { gateway: string; dns: boolean } | null): string {
  if (link === null) return host
  const lines = host.split('\n').filter((line) => /^\s*(search|domain|options|nameserver)\s/.test(line))
  const kept = lines.filter((line) => !/^\s*nameserver\s+(127\.|::1)/.test(line))
  if (!link.dns) return `${kept.join('\n')}\n`
  const others = kept.filter((line) => !/^\s*nameserver\s/.test(line))
  return `${[...others, `nameserver ${link.gateway}`].join('\n')}\n`
}

export function hosts(
  request: Pick<NetworkRequest, 'hostname' | 'name'>,
  link: { address: string; gateway: string } | null,
): string {
  const names = [...new Set([request.hostname, request.name])].join(' ')
  const lines = ['127.0.0.1\tlocalhost', '::1\tlocalhost ip6-localhost ip6-loopback']
  if (link === null) lines.push(`127.0.1.1\t${names}`)
  else lines.push(`${link.address}\t${names}`, `${link.gateway}\thost.containers.internal host.docker.internal`)
  return `${lines.join('\n')}\n`
}
