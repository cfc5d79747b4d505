import { createHash } from 'node:crypto'
import { access, mkdir } from 'node:fs/promises'
import { minimalEnv, run } from '@flotilla/host'
import { FlotillaError } from '@flotilla/protocol'

export interface Netavark {
  path: string
  /** Null: containers do not find each other by name. */
  aardvarkPath: string | null
  configDir: string
}

const folders = ['/usr/lib/podman', '/usr/libexec/podman', '/usr/local/libexec/podman']

/** Finds netavark and its name server, and makes their folders. Throws UNAVAILABLE with the package's name. */
export async function findNetavark(configDir: string): Promise<Netavark> {
  const path = await firstThere(folders.map((folder) => `${folder}/netavark`))
  if (path === null) {
    throw new FlotillaError('UNAVAILABLE', 'netavark is not installed on this host. Install the package netavark.')
  }
  // netavark takes its lock in this folder and fails where it is not there
  await mkdir(`${configDir}/aardvark-dns`, { recursive: true, mode: 0o755 })
  return { path, aardvarkPath: await firstThere(folders.map((folder) => `${folder}/aardvark-dns`)), configDir }
}

export interface Attachment {
  containerId: string
  name: string
  address: string
  network: string
  bridge: string
  subnet: string
  gateway: string
}

/** Joins a namespace to the bridge: veth pair, address, default route, masquerading, name. Ports are our firewall's. */
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
  const dns = netavark.aardvarkPath === null ? [] : ['--aardvark-binary', netavark.aardvarkPath]
  const result = await run([netavark.path, '--config', netavark.configDir, ...dns, verb, netnsPath], {
    stdin: JSON.stringify(configuration(attachment, netavark.aardvarkPath !== null)),
    timeoutMs: 20_000,
    env,
    ...(signal === undefined ? {} : { signal }),
  })
  if (result.exitCode === 0) return
  throw new FlotillaError('UNAVAILABLE', `netavark could not ${verb === 'setup' ? 'make' : 'remove'} a network.`, {
    detail: `${result.stdout.toString().slice(0, 2000)}\n${result.stderr.slice(0, 2000)}`,
  })
}

/** netavark's network options (its own JSON, as podman writes it). */
function configuration(attachment: Attachment, dns: boolean): object {
  const { network, containerId, name } = attachment
  return {
    container_id: containerId,
    container_name: name,
    port_mappings: [],
    networks: {
      [network]: {
        interface_name: 'eth0',
        static_ips: [attachment.address],
        aliases: [containerId.slice(0, 12)], // the name itself is added by netavark
      },
    },
    network_info: {
      [network]: {
        name: network,
        id: createHash('sha256').update(network).digest('hex'),
        driver: 'bridge',
        network_interface: attachment.bridge,
        subnets: [{ subnet: attachment.subnet, gateway: attachment.gateway }],
        ipv6_enabled: false,
        internal: false,
        dns_enabled: dns,
        ipam_options: { driver: 'host-local' },
      },
    },
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
