import { type FirewallRule, type Reach, canonicalAddress } from '@flotilla/protocol'
import type { Flow } from './flow.ts'
import type { AskedPort, Host, Interface, Listener, Routing } from './host.ts'
import { type Outcome, type Surroundings, followPath } from './path.ts'
import {
  type Family,
  type Range,
  type Ranges,
  addressNumber,
  everywhere,
  familyOf,
  holds,
  intersect,
  parseAddresses,
  subtract,
  toPrefixes,
  union,
  unionOf,
} from './ranges.ts'
import type { RuleRef } from './rule-ref.ts'
import { TooManyRules } from './walk.ts'

const wildcards = ['', '0.0.0.0', '::']

/** Whether others reach a port of a host, by each family of addresses that it is open on. Pure; takes milliseconds at most. */
export function reachOf(port: AskedPort, host: Host): Reach[] {
  const asked = { ...port, hostIp: canonicalAddress(port.hostIp) }
  const families: Family[] = asked.hostIp === '' ? [4, 6] : [familyOf(asked.hostIp)]
  const verdicts = families.map((family) => reachByFamily(asked, family, host)).filter((each) => each !== null)
  const [family = 4] = families
  return verdicts.length > 0 ? verdicts : [plain(family, 'no', 'noAddress')]
}

function reachByFamily(port: AskedPort, family: Family, host: Host): Reach | null {
  const isWildcard = wildcards.includes(port.hostIp)
  const named = isWildcard ? null : addressNumber(port.hostIp)
  if (named !== null && holds(loopback[family], named)) return plain(family, 'no', 'loopback')
  const ways = host.interfaces
    .filter(({ isOutside }) => isOutside)
    .flatMap((each) => {
      const own = globalAddresses(each, family)[0]
      return own === undefined ? [] : [{ name: each.name, address: named ?? own }]
    })
  if (ways.length === 0) return isWildcard ? null : plain(family, 'no', 'noAddress')
  const [rules, routing] = [host.rules[family], host.routing?.[family]]
  if (rules === null || routing === null) return plain(family, 'unknown', 'rulesUnread')
  const around = surroundings(port, family, host)
  if (named !== null && !around.isLocal(named, family)) return plain(family, 'no', 'noAddress')
  const dead = (routing?.dead ?? []).map(nobodyBehind)
  try {
    const reach = merge(
      ways.map(({ name, address }) => {
        const start = startOf(port, family, { name, address })
        const callers = { ...start, peers: subtract(start.peers, unionOf(dead.map(({ peers }) => peers))) }
        const outcomes = [...followPath(callers, { ...around, rules }), ...dead]
        return { name, reach: judge(outcomes, insiders(host, family), family) }
      }),
    )
    return reach === null ? null : withPolicies(reach, routing?.policies ?? [])
  } catch (error) {
    if (!(error instanceof TooManyRules)) throw error
    return plain(family, 'unknown', 'rulesUnread')
  }
}

/** Whom no answer reaches does not reach the host. */
const nobodyBehind = ({ text, addresses }: Routing['dead'][number]): Outcome => ({
  ...{
    peers: addresses,
    isReached: false,
    reason: 'rules',
    rule: routeRef(text),
    guessed: null,
    parted: routeRef(text),
  },
})

const routeRef = (text: string): RuleRef => ({ text, table: 'main', chain: 'ip route' })

/** What routes a packet by more than its target may send it, or its answer, another way. */
function withPolicies(reach: Reach, [policy]: readonly string[]): Reach {
  const isSure = reach.verdict === 'no' && reach.reason !== 'rules' && reach.reason !== 'elsewhere'
  if (policy === undefined || isSure || reach.verdict === 'unknown') return reach
  const rule = { text: policy, table: 'ip rule', chain: '' }
  return { ...reach, verdict: 'unknown', reason: 'notUnderstood', from: [], notFrom: [], rule: quoted(rule) }
}

const loopback: Record<Family, Ranges> = {
  4: [parseAddresses('127.0.0.0/8') ?? [0n, 0n]],
  6: [parseAddresses('::1') ?? [0n, 0n]],
}
const linkLocal = [parseAddresses('fe80::/10') ?? [0n, 0n]]

function globalAddresses({ addresses }: Interface, family: Family): bigint[] {
  return addresses
    .filter((each) => familyOf(each) === family)
    .map((each) => addressNumber(each.split('/')[0] ?? ''))
    .filter((each) => each !== null && !holds(linkLocal, each) && !holds(loopback[family], each))
    .filter((each) => each !== null)
}

function startOf(port: AskedPort, family: Family, { name, address }: { name: string; address: bigint }): Flow {
  return {
    ...{ family, protocol: port.protocol, isReply: false, isNew: true, peers: everywhere(family) },
    ...{ address, port: port.hostPort, originalAddress: address, originalPort: port.hostPort },
    ...{ from: name, to: '', mark: 0n, connectionMark: 0n, isTracked: true, translated: null },
    ...{ hasOwnSource: false, hidesPeers: false, guessed: null, parted: null },
  }
}

function surroundings(port: AskedPort, family: Family, host: Host): Omit<Surroundings, 'rules'> {
  const own = new Set(
    host.interfaces.flatMap(({ addresses }) =>
      addresses.map((each) => `${familyOf(each)} ${addressNumber(each.split('/')[0] ?? '')}`),
    ),
  )
  const links = host.interfaces.flatMap(({ name, addresses }) =>
    blocksOf(addresses, family).map((block) => ({ name, block })),
  )
  const targets = port.targets?.filter((each) => familyOf(each) === family).map(addressNumber)
  return {
    isLocal: (address, of) => own.has(`${of} ${address}`) || holds(loopback[of], address),
    isLoopback: (address) => holds(loopback[family], address),
    interfaceTo: (address) => {
      const near = links
        .filter(({ block }) => holds([block], address))
        .sort((a, b) => (size(a.block) < size(b.block) ? -1 : 1))
      return near[0]?.name ?? null
    },
    listens: (address, number) => {
      const bound = host.listeners
        .filter((each) => each.protocol === port.protocol && each.port === number)
        .map((each) => isBoundTo(each, address, family))
      return bound.includes(true) || (bound.includes(null) ? null : false)
    },
    forwards: (from) => forwardsFrom(from, family, host),
    routesLoopback: (from) => family === 4 && host.interfaces.some((each) => each.name === from && each.routesLoopback),
    noRouteTo: (address) => {
      const dead = host.routing?.[family]?.dead.find(({ addresses }) => holds(addresses, address))
      return dead === undefined ? null : routeRef(dead.text)
    },
    isTarget: (address, number) =>
      targets === undefined || (targets.includes(address) && number === (port.containerPort ?? number)),
  }
}

/** IPv4 has a switch for every interface, IPv6 one for all. */
function forwardsFrom(from: string | null, family: Family, host: Host): boolean | null {
  if (family === 6) return host.forwards[6]
  const known = host.interfaces.filter(({ name }) => from === null || name === from)
  const switches = new Set(known.map((each) => each.forwards ?? host.forwards[4]))
  const [first = null] = switches
  return switches.size > 1 ? null : first
}

const size = ([first, last]: Range): bigint => last - first

const blocksOf = (addresses: readonly string[], family: Family): Range[] =>
  addresses
    .filter((each) => familyOf(each) === family)
    .map(parseAddresses)
    .filter((each) => each !== null)

/** A socket on `::` is called by IPv4 as well, unless its program asked otherwise; null: not known. */
function isBoundTo({ address: bound, isIpv6Only }: Listener, address: bigint, family: Family): boolean | null {
  if (bound === '::') return family === 6 || (isIpv6Only === undefined ? null : !isIpv6Only)
  if (bound === '0.0.0.0') return family === 4
  return familyOf(bound) === family && addressNumber(bound) === address
}

/** Addresses that nobody outside has: the host's own, its loopback's, and those of networks inside it. */
function insiders(host: Host, family: Family): Ranges {
  const inner = host.interfaces
    .filter(({ isOutside }) => !isOutside)
    .flatMap(({ addresses }) => blocksOf(addresses, family))
  const own = host.interfaces.flatMap(({ addresses }) =>
    blocksOf(
      addresses.map((each) => each.split('/')[0] ?? ''),
      family,
    ),
  )
  return union(loopback[family], inner, own)
}

function judge(outcomes: readonly Outcome[], inside: Ranges, family: Family): Reach {
  const reached = unionOf(outcomes.filter(({ isReached }) => isReached).map(({ peers }) => peers))
  const refused = unionOf(outcomes.filter(({ isReached }) => !isReached).map(({ peers }) => peers))
  const outside = (ranges: Ranges) => subtract(ranges, inside)
  const relevant = outcomes.filter(({ peers }) => outside(peers).length > 0)
  const widest = (those: readonly Outcome[]) =>
    [...those].sort((a, b) => (count(outside(a.peers)) > count(outside(b.peers)) ? -1 : 1))[0]
  const doubtful = outside(intersect(reached, refused))
  if (doubtful.length > 0) {
    const guess = relevant.find(
      ({ guessed, peers }) => guessed !== null && intersect(peers, doubtful).length > 0,
    )?.guessed
    return { ...plain(family, 'unknown', 'notUnderstood'), rule: quoted(guess) }
  }
  const first = widest(relevant.filter(({ isReached }) => isReached))
  const stop = widest(relevant.filter(({ isReached }) => !isReached))
  if (stop === undefined) return { ...plain(family, 'yes', 'rules'), rule: quoted(first?.rule) }
  if (first === undefined) return { ...plain(family, 'no', stop.reason), rule: quoted(stop.rule) }
  const parted = relevant.find((each) => each.isReached)?.parted ?? first.parted ?? stop.parted
  return {
    ...plain(family, 'onlyFrom', 'rules'),
    ...callers(reached, refused, inside, family),
    rule: quoted(parted ?? stop.rule),
  }
}

const mostCallers = 32

/** Who gets through, or who does not where that is said with fewer words. */
function callers(reached: Ranges, refused: Ranges, inside: Ranges, family: Family): Pick<Reach, 'from' | 'notFrom'> {
  const shown = (ranges: Ranges) =>
    toPrefixes(
      ranges.filter((each) => subtract([each], inside).length > 0),
      family,
    )
  const [from, notFrom] = [shown(reached), shown(refused)]
  return from.length <= notFrom.length
    ? { from: from.slice(0, mostCallers), notFrom: [] }
    : { from: [], notFrom: notFrom.slice(0, mostCallers) }
}

const count = (ranges: Ranges): bigint => ranges.reduce((sum, range) => sum + size(range) + 1n, 0n)

const plain = (family: Family, verdict: Reach['verdict'], reason: Reach['reason']): Reach => ({
  ...{ family: family === 4 ? 'ipv4' : 'ipv6', verdict, reason, from: [], notFrom: [], rule: null },
})

const quoted = (rule: RuleRef | null | undefined): FirewallRule | null =>
  rule === null || rule === undefined
    ? null
    : { text: rule.text.slice(0, 1000), table: rule.table.slice(0, 200), chain: rule.chain.slice(0, 200) }

/** One verdict of those of the host's interfaces; where they differ, the interfaces are what callers are told apart by. */
function merge(ways: readonly { name: string; reach: Reach }[]): Reach | null {
  const [first] = ways
  if (first === undefined) return null
  const says = ({ reach }: { reach: Reach }) => `${reach.verdict} ${reach.from.join()} ${reach.notFrom.join()}`
  if (ways.every((way) => says(way) === says(first))) return first.reach
  const unknown = ways.find(({ reach }) => reach.verdict === 'unknown')
  if (unknown !== undefined) return unknown.reach
  const from = ways.flatMap(({ name, reach }) => {
    if (reach.verdict === 'yes') return [name]
    const those = reach.from.length > 0 ? reach.from : reach.notFrom.map((each) => `all but ${each}`)
    return those.map((each) => `${each} on ${name}`)
  })
  const stop = ways.find(({ reach }) => reach.verdict !== 'yes')?.reach ?? first.reach
  return { ...stop, verdict: 'onlyFrom', from: from.slice(0, mostCallers), notFrom: [] }
}
