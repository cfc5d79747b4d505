import type { PortMapping } from '@flotilla/protocol'
import { canonicalAddress, type Family, familyOf } from './addresses.ts'
import { dockerBridges, type Neighbours } from './neighbours.ts'

/** What the rules of one instance depend on, as far as it is the instance's own. */
export interface OwnState {
  instance: string
  networks: readonly FirewallNetwork[]
  published: readonly Published[]
}

/** All that the rules of one instance depend on. */
export interface FirewallState extends OwnState {
  neighbours: Neighbours
}

export interface FirewallNetwork {
  bridge: string
  /** CIDR notation, at most one of each family. */
  subnets: readonly string[]
  /** The host's own addresses in them: the network's name server answers there. */
  gateways: readonly string[]
  internal: boolean
}

/** A container's published ports, and where they lead in each family. */
export interface Published {
  ipv4: string | null
  ipv6: string | null
  ports: readonly PortMapping[]
}

export const tables = ['nat', 'filter', 'mangle'] as const
export type Table = (typeof tables)[number]
export type Rules = Record<Table, string[]>

/** Our chains by table: no rule of ours stands in another, but for the jumps into these. */
export function chains(instance: string) {
  const own = (what: string) => `FLOTILLA-${instance}-${what}`
  return {
    ...{ dnat: own('DN'), post: own('PO'), forward: own('FW'), input: own('IN'), held: own('HP') },
    ...{ isolation: own('IS'), outward: own('OT') },
  }
}

export function chainsOf(instance: string, table: Table): string[] {
  const { dnat, post, forward, input, held, isolation, outward } = chains(instance)
  return { nat: [dnat, post], filter: [forward, input, held], mangle: [isolation, outward] }[table]
}

/** The jumps into our chains, as `iptables-save` prints them; the only rules that stand in chains of others. */
export function jumps(instance: string, family: Family): { table: Table; chain: string; rule: string }[] {
  const { dnat, post, forward, input, isolation } = chains(instance)
  const local = '-m addrtype --dst-type LOCAL'
  // ::1 cannot be translated: the kernel sends nothing from it out of a link. Who asks it reaches the port's holder.
  const own = family === 4 ? local : `! -d ::1/128 ${local}`
  // The loopback is the host's own: a frame for it that a link brought in is led nowhere.
  const others = family === 4 ? `! -d 127.0.0.0/8 ${local}` : own
  return [
    { table: 'nat', chain: 'PREROUTING', rule: `${others} -j ${dnat}` },
    { table: 'nat', chain: 'OUTPUT', rule: `${own} -j ${dnat}` },
    { table: 'nat', chain: 'POSTROUTING', rule: `-j ${post}` },
    { table: 'filter', chain: 'FORWARD', rule: `-j ${forward}` },
    { table: 'filter', chain: 'INPUT', rule: `-j ${input}` },
    // Before the filter table, where any other program's ACCEPT would come first.
    { table: 'mangle', chain: 'FORWARD', rule: `-j ${isolation}` },
  ]
}

/** Our own rules of a family in the order in which they stand, spelt as `iptables-save` spells them. Pure. */
export function firewallRules(state: FirewallState, family: Family): Rules {
  return {
    nat: [...translations(state, family), ...masquerades(state, family)],
    filter: filters(state, family),
    mangle: isolations(state),
  }
}

function translations({ instance, published }: FirewallState, family: Family): string[] {
  const { dnat } = chains(instance)
  return published.flatMap(({ ipv4, ipv6, ports }) => {
    const target = family === 4 ? ipv4 : ipv6
    if (target === null) return []
    return portsOf(ports, family).map(({ match, containerPort }) => {
      const address = family === 4 ? target : `[${target}]`
      return `-A ${dnat} ${match} -j DNAT --to-destination ${address}:${containerPort}`
    })
  })
}

/** The ports that are open in a family, with what a rule says to mean their place on the host. */
function portsOf(ports: readonly PortMapping[], family: Family): { match: string; containerPort: number }[] {
  return ports
    .filter(({ hostIp }) => hostIp === '' || familyOf(hostIp) === family)
    .map(({ hostIp, protocol, hostPort, containerPort }) => {
      const place = canonicalAddress(hostIp)
      const to = ['', '0.0.0.0', '::'].includes(place) ? '' : `-d ${place}/${family === 4 ? 32 : 128} `
      return { match: `${to}-p ${protocol} -m ${protocol} --dport ${hostPort}`, containerPort }
    })
}

function masquerades({ instance, networks }: FirewallState, family: Family): string[] {
  const { post } = chains(instance)
  const rules = networks.flatMap(({ bridge, subnets, internal }) => {
    const subnet = subnets.find((each) => familyOf(each) === family)
    if (subnet === undefined || internal) return []
    return [
      // From the host's loopback, and from a container to a published port: the answer has to come back through us.
      ...(family === 4 ? [`-A ${post} -s 127.0.0.0/8 -o ${bridge} -j MASQUERADE`] : []),
      `-A ${post} -s ${subnet} -o ${bridge} -m conntrack --ctstate DNAT -j MASQUERADE`,
      `-A ${post} -s ${subnet} ! -o ${bridge} -j MASQUERADE`,
    ]
  })
  // What the host asks of its own address in a network, the name server say, would else be sent from the address of some other link,
  // and its answer is lost when that one goes.
  return rules.length === 0 ? [] : [`-A ${post} -o lo -j RETURN`, ...rules]
}

function filters(state: FirewallState, family: Family): string[] {
  const { instance, networks } = state
  const { forward, input } = chains(instance)
  const accepts = networks.flatMap(({ bridge, internal }) =>
    internal
      ? [`-A ${forward} -i ${bridge} -o ${bridge} -j ACCEPT`]
      : [
          `-A ${forward} -o ${bridge} -m conntrack --ctstate RELATED,ESTABLISHED,DNAT -j ACCEPT`,
          `-A ${forward} -i ${bridge} -j ACCEPT`,
        ],
  )
  const guards = [...heldPortRules(state, family), ...nameServerRules(state, family)]
  if (family === 6) return [...accepts, ...guards]
  // `route_localnet` lets the host's loopback be reached by a frame from the bridge as well: answers alone may.
  const drops = networks.map(
    ({ bridge }) => `-A ${input} -d 127.0.0.0/8 -i ${bridge} -m conntrack ! --ctstate RELATED,ESTABLISHED,DNAT -j DROP`,
  )
  return [...accepts, ...drops, ...guards]
}

/**
 * From an internal network nobody comes out by a published port: what is not translated, because the container has no address of
 * the family, would be passed on by the port's holder.
 */
function heldPortRules({ instance, networks, published }: FirewallState, family: Family): string[] {
  const { input, held } = chains(instance)
  const internal = networks.filter((network) => network.internal)
  // Without one, a port that opens changes nothing here, and in a family that nobody has an address of nothing at all.
  if (internal.length === 0) return []
  const drops = published.flatMap(({ ports }) =>
    portsOf(ports, family).map(({ match }) => `-A ${held} ${match} -j DROP`),
  )
  if (drops.length === 0) return []
  return [...internal.map(({ bridge }) => `-A ${input} -i ${bridge} -j ${held}`), ...drops]
}

/** A network's names are told to its own containers and the host: the kernel takes a frame for any of its addresses from every link. */
function nameServerRules({ instance, networks }: FirewallState, family: Family): string[] {
  const { input } = chains(instance)
  const length = family === 4 ? 32 : 128
  const rules = networks.flatMap(({ bridge, gateways }) =>
    gateways
      .filter((gateway) => familyOf(gateway) === family)
      .flatMap((gateway) =>
        ['udp', 'tcp'].map(
          (protocol) =>
            `-A ${input} -d ${gateway}/${length} ! -i ${bridge} -p ${protocol} -m ${protocol} --dport 53 -j DROP`,
        ),
      ),
  )
  return rules.length === 0 ? [] : [`-A ${input} -i lo -j RETURN`, ...rules]
}

/**
 * Who opens a connection is told of segments that fit the whole way as far as the host knows it: beside the uplink there may be
 * smaller links, and where the word that a packet was too large is dropped, nothing else tells.
 */
function clamps({ instance, networks }: FirewallState): string[] {
  const { isolation } = chains(instance)
  const opening = '-p tcp -m tcp --tcp-flags SYN,RST SYN -j TCPMSS --clamp-mss-to-pmtu'
  return networks
    .filter(({ internal }) => !internal)
    .flatMap(({ bridge }) => ['-i', '-o'].map((way) => `-A ${isolation} ${way} ${bridge} ${opening}`))
}

/**
 * Nothing comes to a network from outside of it but answers and what goes to a published port, whoever sends it: other networks
 * of this instance, of another, of another program. An internal one sends nothing out either. The others do not send to bridges
 * of other programs, whose own rules may come after some program's ACCEPT. Every bridge is named in both families, since a
 * container may send frames of a family that its network has no addresses of.
 */
function isolations(state: FirewallState): string[] {
  const { instance, networks, neighbours } = state
  const { isolation, outward } = chains(instance)
  const inward = networks.flatMap(({ bridge, internal }) => [
    `-A ${isolation} -i ${bridge} -o ${bridge} -j RETURN`,
    ...(internal
      ? [`-A ${isolation} -i ${bridge} -j DROP`, `-A ${isolation} -o ${bridge} -j DROP`]
      : [`-A ${isolation} -o ${bridge} -m conntrack ! --ctstate RELATED,ESTABLISHED,DNAT -j DROP`]),
  ])
  const leaving = networks
    .filter(({ internal }) => !internal)
    .map(({ bridge }) => `-A ${isolation} -i ${bridge} -m conntrack ! --ctstate RELATED,ESTABLISHED,DNAT -j ${outward}`)
  return [
    ...clamps(state),
    ...inward,
    ...leaving,
    ...neighbours.waysOut.map((name) => `-A ${outward} -o ${name} -j RETURN`),
    ...[...dockerBridges, ...neighbours.bridges].map((name) => `-A ${outward} -o ${name} -j DROP`),
  ]
}

/** Each table's text for `iptables-restore --noflush`: naming a chain empties it, so a table changes in one step. Pure. */
export function firewallDocuments(state: FirewallState, family: Family): Record<Table, string> {
  const rules = firewallRules(state, family)
  const document = (name: Table) => {
    const own = chainsOf(state.instance, name).map((chain) => `:${chain} - [0:0]`)
    return [`*${name}`, ...own, ...rules[name], 'COMMIT', ''].join('\n')
  }
  return { nat: document('nat'), filter: document('filter'), mangle: document('mangle') }
}
