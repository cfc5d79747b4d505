import { writeFile } from 'node:fs/promises'
import { runOk } from '@flotilla/host'
import { familyOf } from './addresses.ts'
import { type BridgeFault, prefixOf } from './bridge-faults.ts'
import { hardwareAddress, type StoredNetwork } from './stored-network.ts'

const timeoutMs = 10_000

/** Puts a network's bridge and its ports back as they should be; links that are not there are the caller's. Idempotent. */
export async function mendBridge(
  network: StoredNetwork,
  faults: readonly BridgeFault[],
  signal?: AbortSignal,
): Promise<void> {
  const commands = ipCommands(network, faults)
  if (commands.length > 0) {
    const options = { timeoutMs, stdin: `${commands.join('\n')}\n`, ...(signal && { signal }) }
    await runOk(['ip', '-batch', '-'], options)
  }
  for (const fault of faults) {
    if (fault.kind === 'setting') await writeFile(fault.path, '1')
    // A port that left between the look and now is the next look's.
    if (fault.kind === 'port') await writeFile(`/sys/class/net/${fault.name}/brport/hairpin_mode`, '1')
  }
  const isNew = faults.some(({ kind }) => kind === 'gone')
  if (isNew && !network.internal) await writeFile(`/proc/sys/net/ipv4/conf/${network.bridge}/route_localnet`, '1')
}

/** Lines for `ip -batch`. What a bridge loses when it goes or goes down is given to it anew. Pure. */
export function ipCommands(network: StoredNetwork, faults: readonly BridgeFault[]): string[] {
  const { bridge, subnets } = network
  const has = (...kinds: BridgeFault['kind'][]) => faults.some(({ kind }) => kinds.includes(kind))
  const isLost = has('gone', 'down')
  const of = (kind: 'address' | 'route') => faults.flatMap((fault) => (fault.kind === kind ? [fault] : []))
  const addresses = isLost ? subnets : of('address')
  const routes = isLost ? [] : of('route')
  return [
    ...(has('gone') ? [`link add name ${bridge} type bridge`] : []),
    ...(has('gone', 'hardwareAddress') ? [`link set dev ${bridge} address ${hardwareAddress(bridge)}`] : []),
    ...faults.flatMap((fault) =>
      fault.kind === 'port' ? [`link set dev ${fault.name} master ${bridge}`, `link set dev ${fault.name} up`] : [],
    ),
    ...faults.flatMap((fault) => (fault.kind === 'mtu' ? [`link set dev ${fault.name} mtu ${fault.mtu}`] : [])),
    ...(isLost ? [`link set dev ${bridge} up`] : []),
    ...addresses.map(({ subnet, gateway }) => {
      const address = `${gateway}/${prefixOf(subnet)}`
      return familyOf(subnet) === 4
        ? `address replace ${address} broadcast + dev ${bridge}`
        : `address replace ${address} dev ${bridge} nodad`
    }),
    ...routes.map(({ subnet, gateway }) => {
      const from = familyOf(subnet) === 4 ? ` scope link src ${gateway}` : ''
      return `route replace ${subnet} dev ${bridge} proto kernel${from}`
    }),
  ]
}
