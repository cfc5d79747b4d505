import { isIP } from 'node:net'
import { type ContainerDetail, type Network, type NetworkEndpoint, Subnet } from '@flotilla/protocol'
import { operationLabel } from '../containers/container-map.ts'
import type { ContainerAnswer, EndpointAnswer } from '../docker-answers.ts'
import type { NetworkAnswer } from './network-answers.ts'

export const mtuOption = 'com.docker.network.driver.mtu'

/** The modes `host` and `none` are networks to Docker, and none here: nobody is on them with an address. */
export function isMode({ Driver }: Pick<NetworkAnswer, 'Driver'>): boolean {
  return Driver === 'host' || Driver === 'null'
}

/** Docker's answer as a row of the list. */
export function toNetwork(engine: string, answer: NetworkAnswer): Network {
  const { [operationLabel]: operation, ...labels } = answer.Labels
  const mtu = Number(answer.Options[mtuOption] ?? Number.NaN)
  const time = Date.parse(answer.Created)
  const isDefault = answer.Options['com.docker.network.bridge.default_bridge'] === 'true'
  return {
    ...{ id: answer.Id, engine, name: answer.Name, driver: answer.Driver, labels, internal: answer.Internal },
    subnets: answer.IPAM.Config.flatMap(toSubnet),
    mtu: Number.isInteger(mtu) && mtu > 0 ? mtu : null,
    dns: !isDefault, // on its first network Docker answers no names
    createdAt: Number.isNaN(time) || time <= 0 ? null : new Date(time).toISOString(),
    createdByFlotilla: operation !== undefined,
    isDefault,
  }
}

function toSubnet({ Subnet: subnet, Gateway, IPRange }: NetworkAnswer['IPAM']['Config'][number]): Subnet[] {
  const [gateway = ''] = Gateway.split('/')
  const reported = { subnet, gateway: isIP(gateway) === 0 ? firstAddress(subnet) : gateway }
  const parsed = Subnet.safeParse({ ...reported, range: IPRange === '' ? null : IPRange })
  return parsed.success ? [parsed.data] : []
}

/** Of a subnet as Docker writes it, with no bits behind its prefix. */
export function firstAddress(subnet: string): string {
  const [base = ''] = subnet.split('/')
  if (base.endsWith('::')) return `${base}1`
  const separator = base.includes(':') ? ':' : '.'
  const parts = base.split(separator)
  const radix = separator === ':' ? 16 : 10
  const last = Number.parseInt(parts.at(-1) ?? '0', radix) + 1
  return [...parts.slice(0, -1), last.toString(radix)].join(separator)
}

/** The container's place on the network, or undefined where it has none. */
export function placeOn({ Id }: NetworkAnswer, answer: ContainerAnswer): EndpointAnswer | undefined {
  return Object.values(answer.NetworkSettings.Networks).find(({ NetworkID }) => NetworkID === Id)
}

/** The networks that a container is on, of all that are there. */
export function networksOf(
  answer: ContainerAnswer,
  all: readonly NetworkAnswer[],
): NonNullable<ContainerDetail['networks']> {
  return all.flatMap((network) => {
    const place = placeOn(network, answer)
    if (place === undefined) return []
    const { ipv4, ipv6, aliases } = toEndpoint(answer, place)
    return [{ id: network.Id, name: network.Name, ipv4, ipv6, aliases }]
  })
}

export function toEndpoint(answer: ContainerAnswer, place: EndpointAnswer): NetworkEndpoint {
  const connected = place.EndpointID !== ''
  return {
    ...{ containerId: answer.Id, containerName: answer.Name.replace(/^\//, ''), connected, interfaceName: null },
    macAddress: connected ? reported(place.MacAddress) : null,
    ipv4: reported(connected ? place.IPAddress : place.IPAMConfig?.IPv4Address),
    ipv6: reported(connected ? place.GlobalIPv6Address : place.IPAMConfig?.IPv6Address),
    aliases: aliasesOf(answer, place),
  }
}

/** Daemons before 25 put the beginning of the container's id among them. */
export function aliasesOf(answer: ContainerAnswer, { Aliases }: EndpointAnswer): string[] {
  return Aliases.filter((alias) => alias !== answer.Id.slice(0, 12))
}

const reported = (text: string | undefined): string | null => (text === undefined || text === '' ? null : text)
