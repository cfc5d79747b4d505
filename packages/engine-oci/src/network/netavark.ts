import { createHash } from 'node:crypto'
import { access, mkdir } from 'node:fs/promises'
import { minimalEnv, run } from '@flotilla/host'
import { fail } from '@flotilla/protocol'
import { familyOf } from './addresses.ts'
import { interfaceNumber } from './endpoints.ts'
import type { Endpoint } from './lease-store.ts'
import { runtimeName, type StoredNetwork } from './stored-network.ts'

export interface Netavark {
  path: string
  configDir: string
}

const folders = ['/usr/lib/podman', '/usr/libexec/podman', '/usr/local/libexec/podman']

/** Finds netavark and makes its folders. Throws UNAVAILABLE with the package's name. */
export async function findNetavark(configDir: string): Promise<Netavark> {
  const path = await firstThere(folders.map((folder) => `${folder}/netavark`))
  if (path === null) {
    throw fail('network.noNetavark')
  }
  // netavark takes its lock in this folder and fails where it is not there
  await mkdir(`${configDir}/aardvark-dns`, { recursive: true, mode: 0o755 })
  return { path, configDir }
}

export interface Attachment {
  containerId: string
  name: string
  instance: string
  endpoints: readonly { endpoint: Endpoint; network: StoredNetwork }[]
}

/** Joins a namespace to bridges: veth pairs, addresses, default routes, masquerading. Ports are our firewall's, names our server's. */
export async function attach(netavark: Netavark, netnsPath: string, attachment: Attachment, signal?: AbortSignal) {
  await call(netavark, 'setup', netnsPath, attachment, signal)
}

/** Undoes it; the last one takes the bridge along. */
export async function detach(netavark: Netavark, netnsPath: string, attachment: Attachment) {
  await call(netavark, 'teardown', netnsPath, attachment)
}

/** Beside our own rules, which iptables writes. From 1.12 on it would use nft, which iptables does not bring along. */
const env = { ...minimalEnv(), NETAVARK_FW: 'iptables' }

async function call(
  netavark: Netavark,
  verb: 'setup' | 'teardown',
  netnsPath: string,
  attachment: Attachment,
  signal?: AbortSignal,
): Promise<void> {
  const result = await run([netavark.path, '--config', netavark.configDir, verb, netnsPath], {
    stdin: JSON.stringify(configuration(attachment)),
    timeoutMs: 20_000,
    env,
    ...(signal === undefined ? {} : { signal }),
  })
  if (result.exitCode === 0) return
  throw fail(
    'network.netavarkFailed',
    { what: verb === 'setup' ? 'make' : 'remove' },
    {
      detail: `${result.stdout.toString().slice(0, 2000)}\n${result.stderr.slice(0, 2000)}`,
    },
  )
}

/** The lowest number is the way out: a container on several networks leaves by the first that it was put on. */
const firstMetric = 100

/** netavark's network options (its own JSON, as podman writes it). */
function configuration({ containerId, name, instance, endpoints }: Attachment): object {
  const named = endpoints.map(({ endpoint, network }) => ({ endpoint, network, key: runtimeName(instance, network) }))
  return {
    container_id: containerId,
    container_name: name,
    port_mappings: [],
    networks: Object.fromEntries(
      named.map(({ key, endpoint }) => [
        key,
        {
          interface_name: endpoint.interfaceName,
          static_ips: [endpoint.ipv4, endpoint.ipv6].filter((address) => address !== null),
          ...(endpoint.macAddress === null ? {} : { static_mac: endpoint.macAddress }),
        },
      ]),
    ),
    network_info: Object.fromEntries(
      named.map(({ key, network, endpoint }) => [
        key,
        {
          name: key,
          id: createHash('sha256').update(key).digest('hex'),
          driver: 'bridge',
          network_interface: network.bridge,
          subnets: network.subnets.map(({ subnet, gateway }) => ({ subnet, gateway })),
          ipv6_enabled: network.subnets.some(({ subnet }) => familyOf(subnet) === 6),
          internal: network.internal,
          dns_enabled: false,
          ipam_options: { driver: 'host-local' },
          options: {
            metric: String(firstMetric + interfaceNumber(endpoint)),
            ...(network.mtu === null ? {} : { mtu: String(network.mtu) }),
          },
        },
      ]),
    ),
  }
}

async function firstThere(paths: readonly string[]): Promise<string | null> {
  for (const path of paths) {
    const there = await access(path).then(
      () => true,
      () => false,
    )
    if (there) return path
  }
  return null
}
