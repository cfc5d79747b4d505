import {
  type Condition,
  addressIn,
  addressType,
  all,
  always,
  any,
  cannotTell,
  connectionFact,
  connectionMarkIn,
  interfaceIs,
  isFamily,
  isProtocol,
  markIn,
  not,
  opensConnection,
  originalPortIn,
  originalTargetIn,
  portIn,
  stateIs,
  synchronises,
} from './conditions.ts'
import { type Range, parseAddresses, union } from './ranges.ts'

/** JSON as nft prints it (libnftables-json(5)); nothing is known of it before it is looked at. */
export type Json = string | number | boolean | null | Json[] | { [key: string]: Json }

export const isObject = (value: unknown): value is { [key: string]: Json } =>
  typeof value === 'object' && value !== null && !Array.isArray(value)

export const textOf = (value: Json | undefined): string =>
  typeof value === 'string' || typeof value === 'number' ? String(value) : ''

/** The elements of the sets of a table by their names; null for what is no set. */
export type Sets = (name: string) => readonly Json[] | null

/** `{match: {op, left, right}}`. */
export function matchCondition(match: { [key: string]: Json }, sets: Sets): Condition {
  const { op, left, right } = match
  if (left === undefined || right === undefined) return cannotTell
  // Compared as a whole, what connections went through is not known.
  if (isObject(left) && isObject(left['ct']) && left['ct']['key'] === 'status') {
    return op === 'in' && right === 'dnat' ? connectionFact(({ translated }) => translated !== null) : cannotTell
  }
  if (op === '==' || op === 'in') return equals(left, right, sets)
  if (op === '!=') return differs(left, right, sets)
  return cannotTell
}

/** A condition on a key is one on a packet that has such a key: `ip saddr != …` holds for none of IPv6. */
function differs(left: Json, right: Json, sets: Sets): Condition {
  const premise = premiseOf(left)
  const condition = not(equals(left, right, sets))
  return premise === null ? condition : all([premise, condition])
}

function premiseOf(key: Json): Condition | null {
  if (!isObject(key) || !isObject(key['payload'])) return null
  const { protocol } = key['payload']
  if (protocol === 'ip' || protocol === 'ip6') return isFamily(protocol === 'ip' ? 4 : 6)
  return transports.has(textOf(protocol)) ? isProtocol([textOf(protocol)]) : null
}

const networks = new Set(['ip', 'ip6'])
const transports = new Set(['tcp', 'udp', 'udplite', 'sctp', 'dccp', 'icmp', 'icmpv6', 'igmp', 'esp', 'ah', 'comp'])

/** No set has another one among its elements. */
const noSets: Sets = () => null

/** Whether a key has one of the values: a value, a range, a prefix, a set in braces or by its name. */
export function equals(key: Json, value: Json, sets: Sets): Condition {
  if (typeof value === 'string' && value.startsWith('@')) {
    const elements = sets(value.slice(1))
    return elements === null ? cannotTell : isOneOf(key, elements, noSets)
  }
  if (Array.isArray(value)) return isOneOf(key, value, sets)
  if (isObject(value)) {
    const { set, elem } = value
    if (Array.isArray(set)) return isOneOf(key, set, sets)
    if (isObject(elem)) return isPlain(elem) ? equals(key, elem['val'] ?? null, sets) : cannotTell
    if (isObject(key) && Array.isArray(key['concat'])) return concatenated(key['concat'], value['concat'], sets)
  }
  const condition = keyCondition(key, value)
  const premise = premiseOf(key)
  return premise === null ? condition : all([premise, condition])
}

/** An element that does more than count is in its set for some packets alone. */
const isPlain = (element: { [key: string]: Json }): boolean =>
  Object.keys(element).every((name) => ['val', 'timeout', 'expires', 'comment', 'counter', 'last'].includes(name))

/** Sets of addresses may be long, and are then one condition. */
function isOneOf(key: Json, elements: readonly Json[], sets: Sets): Condition {
  const payload = isObject(key) && isObject(key['payload']) ? key['payload'] : {}
  const ranges = elements.map((each) => {
    if (!isObject(each) || !isObject(each['elem'])) return addresses(each)
    return isPlain(each['elem']) ? addresses(each['elem']['val'] ?? null) : null
  })
  const isAddress = payload['field'] === 'saddr' || payload['field'] === 'daddr'
  if (isAddress && networks.has(textOf(payload['protocol'])) && ranges.every((each) => each !== null)) {
    const isIn = addressIn(payload['field'] === 'saddr' ? 'source' : 'destination', union(ranges))
    return all([premiseOf(key) ?? always(true), isIn])
  }
  return any(elements.map((each) => equals(key, each, sets)))
}

function concatenated(keys: readonly Json[], values: Json | undefined, sets: Sets): Condition {
  if (!Array.isArray(values) || values.length !== keys.length) return cannotTell
  return all(keys.map((key, at) => equals(key, values[at] ?? null, sets)))
}

function keyCondition(key: Json, value: Json): Condition {
  if (value === '*') return always(true)
  if (!isObject(key)) return cannotTell
  if (isObject(key['meta'])) return metaCondition(textOf(key['meta']['key']), value)
  if (isObject(key['payload'])) return payloadCondition(key['payload'], value)
  if (isObject(key['ct'])) return connectionCondition(key['ct'], value)
  if (isObject(key['fib'])) return routeCondition(key['fib'], value)
  if (Array.isArray(key['&'])) return maskedCondition(key['&'], value)
  return cannotTell
}

const families = new Map<string, 4 | 6>(Object.entries({ ipv4: 4, ipv6: 6, ip: 4, ip6: 6, '2': 4, '10': 6 } as const))
const numbered = new Map([
  ['6', 'tcp'],
  ['17', 'udp'],
])

/** By its name or number; a range of numbers is neither. */
const protocolIs = (text: string): Condition => (text === '' ? cannotTell : isProtocol([numbered.get(text) ?? text]))

function metaCondition(key: string, value: Json): Condition {
  const text = textOf(value)
  const range = numbers(value)
  switch (key) {
    case 'iifname':
    case 'iif':
      return text === '' ? cannotTell : interfaceIs('from', text)
    case 'oifname':
    case 'oif':
      return text === '' ? cannotTell : interfaceIs('to', text)
    case 'l4proto':
      return protocolIs(text)
    case 'protocol':
    case 'nfproto': {
      const family = families.get(text)
      return family === undefined ? cannotTell : isFamily(family)
    }
    case 'mark':
      return range === null ? cannotTell : markIn([range], 0xffff_ffffn)
    case 'pkttype':
      return text === 'host' || text === 'unicast' ? always(true) : cannotTell
    default:
      return cannotTell
  }
}

function payloadCondition({ protocol, field }: { [key: string]: Json }, value: Json): Condition {
  const side = field === 'saddr' || field === 'sport' ? 'source' : 'destination'
  const [isNetwork, isTransport] = [networks.has(textOf(protocol)), [...transports, 'th'].includes(textOf(protocol))]
  if (isNetwork && (field === 'saddr' || field === 'daddr')) {
    const range = addresses(value)
    return range === null ? cannotTell : addressIn(side, [range])
  }
  if (isTransport && (field === 'sport' || field === 'dport')) {
    const range = numbers(value)
    return range === null ? cannotTell : portIn(side, [range])
  }
  if (isNetwork && (field === 'protocol' || field === 'nexthdr')) return protocolIs(textOf(value))
  if (protocol === 'tcp' && field === 'flags' && value === 'syn') return synchronises
  return cannotTell
}

function connectionCondition({ key, dir }: { [key: string]: Json }, value: Json): Condition {
  const text = textOf(value)
  if (key === 'state') return ofState.includes(text) ? stateIs([text]) : cannotTell
  if (key === 'direction' && (text === 'reply' || text === 'original')) {
    return connectionFact(({ isReply }) => (text === 'reply') === isReply)
  }
  if (key === 'mark') {
    const range = numbers(value)
    return range === null ? cannotTell : connectionMarkIn([range], 0xffff_ffffn)
  }
  if (dir !== 'original') return cannotTell
  if (key === 'proto-dst') {
    const range = numbers(value)
    return range === null ? cannotTell : originalPortIn([range])
  }
  const range = key === 'daddr' || key === 'ip daddr' || key === 'ip6 daddr' ? addresses(value) : null
  return range === null ? cannotTell : originalTargetIn([range])
}

const ofState = ['new', 'established', 'related', 'invalid', 'untracked']

function routeCondition({ result, flags }: { [key: string]: Json }, value: Json): Condition {
  const by = Array.isArray(flags) ? flags : [flags]
  if (result === 'type') {
    const [of, ...more] = by
    if (more.length > 0 || (of !== 'saddr' && of !== 'daddr')) return cannotTell
    return addressType(of === 'saddr' ? 'source' : 'destination', [textOf(value)])
  }
  // Whoever can be answered comes by the way that answers go.
  const isMissing = value === false || value === 0 || value === 'missing'
  return result === 'oif' && by.includes('saddr') && isMissing ? always(false) : cannotTell
}

function maskedCondition([key, mask]: readonly Json[], value: Json): Condition {
  if (!isObject(key)) return cannotTell
  if (isObject(key['meta']) && key['meta']['key'] === 'mark') {
    const [bits, range] = [numbers(mask ?? null), numbers(value)]
    return bits === null || range === null ? cannotTell : markIn([range], bits[0])
  }
  const isFlags =
    isObject(key['payload']) && key['payload']['protocol'] === 'tcp' && key['payload']['field'] === 'flags'
  const all = JSON.stringify(mask ?? null)
  // A caller may mean congestion control by these two.
  const isUsual = all.includes('syn') && all.includes('ack') && !/ecn|cwr/.test(all)
  return isFlags && value === 'syn' && isUsual ? opensConnection : cannotTell
}

function numbers(value: Json): Range | null {
  const [from, to] = isObject(value) && Array.isArray(value['range']) ? value['range'] : [value, value]
  const [first, last] = [number(from), number(to)]
  return first === null || last === null ? null : [first, last]
}

/** nft prints well-known ports as numbers unless asked for names; marks in either notation. */
function number(value: Json | undefined): bigint | null {
  const text = textOf(value)
  return /^(0x[0-9a-f]{1,8}|\d{1,10})$/i.test(text) ? BigInt(text) : null
}

function addresses(value: Json): Range | null {
  if (isObject(value) && isObject(value['prefix'])) {
    const { addr, len } = value['prefix']
    return parseAddresses(`${textOf(addr)}/${textOf(len)}`)
  }
  if (isObject(value) && Array.isArray(value['range'])) {
    const [from, to] = value['range']
    return parseAddresses(`${textOf(from)}-${textOf(to)}`)
  }
  return typeof value === 'string' ? parseAddresses(value) : null
}
