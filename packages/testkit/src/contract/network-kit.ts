import { randomInt } from 'node:crypto'
import type { Network } from '@flotilla/protocol'
import { type Kit, scope, sleeper } from './kit.ts'

export const needs = ['networks.create', 'networks.list', 'networks.inspect', 'networks.remove']
export const linking = [
  ...needs,
  ...['networks.connect', 'networks.disconnect', 'exec.attach'],
  ...['containers.create.network.bridge', 'containers.create.mounts.bind'],
]

/** Subnets follow one another from here, so that no two tests of this process get the same. */
let nextSubnet = randomInt(0, 184 * 250)

/** A subnet of each family that is most likely nobody's. */
export function freeSubnets() {
  nextSubnet += 1
  const [a, b] = [16 + (Math.floor(nextSubnet / 250) % 184), nextSubnet % 250]
  const v4 = { subnet: `10.${a}.${b}.0/24`, gateway: `10.${a}.${b}.5`, range: `10.${a}.${b}.128/25` }
  const v6 = { subnet: `fd92:${a.toString(16)}:${(b + 1).toString(16)}::/64`, gateway: '' }
  return { v4, v6: { ...v6, gateway: v6.subnet.replace('/64', '5') }, at: (host: number) => `10.${a}.${b}.${host}` }
}

export const web = (page: string) => `echo ${page} > /tmp/index.html; exec httpd -f -p 8080 -h /tmp`

/** What a script says that runs in a container beside its first process. */
export async function inside(kit: Kit, id: string, script: string): Promise<string> {
  const command = ['/bin/sh', '-c', script]
  const { id: session } = await kit.engine.exec.create({ id, command }, scope)
  const said: Uint8Array[] = []
  let isOutput = true
  for await (const item of kit.engine.exec.attach({ session }, silence(), scope)) {
    if (item instanceof Uint8Array) said.push(...(isOutput ? [item] : []))
    else if (item.type === 'channel') isOutput = item.channel === 'stdout'
  }
  return Buffer.concat(said).toString().trim()
}

/** Nothing is typed, and the input stays open until the session ends. */
async function* silence(): AsyncGenerator<Uint8Array> {
  await new Promise<void>(() => {})
}

/** One who asks others. Busybox without libraries finds no names: the machine's own shell is lent to it. */
export const startClient = (kit: Kit) => kit.start(sleeper, { mounts: kit.host.look.lent })

/** What the web server at a name or address answers a client, or `none`. */
export const page = (kit: Kit, client: string, at: string) =>
  inside(kit, client, `${kit.host.look.page(at)} || echo none`)

/** Onto this network alone: on the default one everybody may find everybody. */
export async function move(kit: Kit, { id }: Network, container: string): Promise<void> {
  await kit.engine.networks.connect({ id, container }, scope)
  await kit.engine.networks.disconnect({ id: 'bridge', container }, scope)
}

export async function endpoint(kit: Kit, network: Network, containerId: string) {
  const { endpoints } = await kit.engine.networks.inspect({ id: network.id }, scope)
  return endpoints.find((one) => one.containerId === containerId)
}
