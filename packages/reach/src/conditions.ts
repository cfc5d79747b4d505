import { type Flow, type Machine, type Split, decided, join, openTo } from './flow.ts'
import { type Family, type Ranges, holds, intersect, subtract } from './ranges.ts'

/** Parts the callers of a flow into those whom a rule means and those whom it does not. */
export type Condition = (flow: Flow, machine: Machine) => Split

export type Side = 'source' | 'destination'

/** What programs choose the port from that they call from, in every system. */
const callersPorts: Ranges = [[1024n, 65_535n]]

export const always =
  (isSo: boolean): Condition =>
  (flow) =>
    decided(flow, isSo)

export const cannotTell: Condition = openTo

export const not =
  (condition: Condition): Condition =>
  (flow, machine) => {
    const { yes, no } = condition(flow, machine)
    return { yes: no, no: yes }
  }

/** Holds where each of them does. */
export const all =
  (conditions: readonly Condition[]): Condition =>
  (flow, machine) => {
    let yes: Flow | null = flow
    let no: Flow | null = null
    for (const condition of conditions) {
      if (yes === null) break
      const split: Split = condition(yes, machine)
      yes = split.yes
      if (split.no !== null) no = no === null ? split.no : join(no, split.no)
    }
    return { yes, no }
  }

/** Holds where one of them does. */
export const any = (conditions: readonly Condition[]): Condition => not(all(conditions.map(not)))

/** Whether a fact of the flow is so; null where it is not known. */
export const fact =
  (of: (flow: Flow, machine: Machine) => boolean | null): Condition =>
  (flow, machine) => {
    const isSo = of(flow, machine)
    return isSo === null ? openTo(flow) : decided(flow, isSo)
  }

export const isFamily = (family: Family): Condition => fact((flow) => flow.family === family)

/** Whether this side of a packet is the caller's. */
const isPeers = (side: Side, { isReply }: Flow): boolean => (side === 'source') !== isReply

export const addressIn =
  (side: Side, ranges: Ranges): Condition =>
  (flow) => {
    if (!isPeers(side, flow)) return decided(flow, holds(ranges, flow.address))
    if (flow.hidesPeers) return openTo(flow)
    const [inside, outside] = [intersect(flow.peers, ranges), subtract(flow.peers, ranges)]
    return {
      yes: inside.length === 0 ? null : { ...flow, peers: inside },
      no: outside.length === 0 ? null : { ...flow, peers: outside },
    }
  }

export const portIn = (side: Side, ranges: Ranges): Condition =>
  fact((flow) => {
    if (!isPeers(side, flow)) return holds(ranges, BigInt(flow.port))
    if (flow.hidesPeers) return null
    if (intersect(callersPorts, ranges).length === 0) return false
    return subtract(callersPorts, ranges).length === 0 ? true : null
  })

/** `eth0`, or `eth*` for all that begin so. */
export const interfaceIs = (end: 'from' | 'to', pattern: string): Condition =>
  fact((flow) => {
    const name = flow[end]
    if (name === null) return pattern === '*' ? true : null
    return pattern.endsWith('*') ? name.startsWith(pattern.slice(0, -1)) : name === pattern
  })

export const isProtocol = (names: readonly string[]): Condition => fact(({ protocol }) => names.includes(protocol))

/** The states of connection tracking that are understood; `snat` and what comes later is not. */
const states = ['new', 'established', 'related', 'invalid', 'untracked', 'dnat']

/** The states of connection tracking: `new`, `established`, `dnat`, … */
export const stateIs = (words: readonly string[]): Condition =>
  fact(({ isNew, isTracked, translated }) => {
    if (isTracked === null) return null
    const isSo = isTracked
      ? words.includes(isNew ? 'new' : 'established') || (words.includes('dnat') && translated !== null)
      : words.includes('untracked')
    return isSo || words.every((word) => states.includes(word)) ? isSo : null
  })

/** A fact of the connection that a packet is of; of packets without one, systems differ in what holds. */
export const connectionFact = (of: (flow: Flow) => boolean | null): Condition =>
  fact((flow) => (flow.isTracked === true ? of(flow) : null))

export const markIn = (ranges: Ranges, mask: bigint): Condition =>
  fact(({ mark }) => (mark === null ? null : holds(ranges, mark & mask)))

export const connectionMarkIn = (ranges: Ranges, mask: bigint): Condition =>
  connectionFact(({ connectionMark }) => (connectionMark === null ? null : holds(ranges, connectionMark & mask)))

/** What the routing table calls an address: the host's own is `local`, every other that a connection has is `unicast`. */
export const addressType = (side: Side, types: readonly string[]): Condition =>
  fact((flow, machine) => {
    if (!types.every((type) => addressTypes.includes(type))) return null
    if (isPeers(side, flow) && flow.hidesPeers) return null
    const isOwn = !isPeers(side, flow) && machine.isLocal(flow.address, flow.family)
    return types.includes(isOwn ? 'local' : 'unicast')
  })

const addressTypes = ['local', 'unicast', 'broadcast', 'multicast', 'anycast']

/** The target as it was before anything was translated. */
export const originalTargetIn = (ranges: Ranges): Condition =>
  connectionFact((flow) => holds(ranges, flow.originalAddress))
export const originalPortIn = (ranges: Ranges): Condition =>
  connectionFact((flow) => holds(ranges, BigInt(flow.originalPort)))

/** The packet that opens a TCP connection; no other does. */
export const opensConnection: Condition = fact(({ protocol, isNew }) => protocol === 'tcp' && isNew)

/** A packet of TCP with this flag beside others: the first of a connection has it, its answer may count or not. */
export const synchronises: Condition = fact(({ protocol, isReply, isNew }) =>
  protocol === 'tcp' && isReply ? null : protocol === 'tcp' && isNew,
)
