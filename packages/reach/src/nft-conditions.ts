import {
  type Condition,
  addressIn,
  addressType,
  all,
  always,
  any,
  cannotTell,
  fact,
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

const transports = new Set(['tcp', 'udp', 'udplite', 'sctp', 'dccp', 'icmp', 'icmpv6', 'igmp', 'esp', 'ah', 'comp'])

/** Whether a key has one of the values: a value, a range, a prefix, a set in braces or by its name. */
export function equals(key: Json, value: Json, sets: Sets): Condition {
  if (typeof value === 'string' && value.startsWith('@')) {
    const elements = sets(value.slice(1))
    return elements === null ? cannotTell : isOneOf(key, elements, sets)
  }
  if (Array.isArray(value)) return isOneOf(key, value, sets)
  if (isObject(value)) {
    const { set, elem } = value
    if (Array.isArray(set)) return isOneOf(key, set, sets)
    if (isObject(elem) && elem['val'] !== undefined) return equals(key, elem['val'], sets)
    if (isObject(key) && Array.isArray(key['concat'])) return concatenated(key['concat'], value['concat'], sets)
  }
  const condition = keyCondition(key, value)
  const premise = premiseOf(key)
  return premise === null ? condition : all([premise, condition])
}

/** Sets of addresses may be long, and are then one condition. */
function isOneOf(key: Json, elements: readonly Json[], sets: Sets): Condition {
  const payload = isObject(key) && isObject(key['payload']) ? key['payload'] : {}
  const ranges = elements.map((each) =>
    addresses(isObject(each) && isObject(each['elem']) ? (each['elem']['val'] ?? null) : each),
  )
  if ((payload['field'] === 'saddr' || payload['field'] === 'daddr') && ranges.every((each) => each !== null)) {
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

const families: Record<string, 4 | 6> = { ipv4: 4, ipv6: 6, ip: 4, ip6: 6, '2': 4, '10': 6 }

function metaCondition(key: string, value: Json): Condition {
  const text = textOf(value)
  const range = numbers(value)
  switch (key) {
    case 'iifname':
    case 'iif':
      return interfaceIs('from', text)
    case 'oifname':
    case 'oif':
      return interfaceIs('to', text)
    case 'l4proto':
    case 'protocol':
    case 'nfproto': {
      const family = families[text]
      if (key !== 'l4proto') return family === undefined ? always(false) : isFamily(family)
      return isProtocol([{ '6': 'tcp', '17': 'udp' }[text] ?? text])
    }
    case 'mark':
      return range === null ? cannotTell : markIn([range], 0xffff_ffffn)
    case 'pkttype':
      return always(text === 'host' || text === 'unicast')
    default:
      return cannotTell
  }
}

function payloadCondition({ protocol, field }: { [key: string]: Json }, value: Json): Condition {
  const side = field === 'saddr' || field === 'sport' ? 'source' : 'destination'
  if (field === 'saddr' || field === 'daddr') {
    const range = addresses(value)
    return range === null ? cannotTell : addressIn(side, [range])
  }
  if (field === 'sport' || field === 'dport') {
    const range = numbers(value)
    return range === null ? cannotTell : portIn(side, [range])
  }
  if (field === 'protocol' || field === 'nexthdr') return isProtocol([textOf(value)])
  if (protocol === 'tcp' && field === 'flags' && value === 'syn') return opensConnection
  return cannotTell
}

function connectionCondition({ key, dir }: { [key: string]: Json }, value: Json): Condition {
  const text = textOf(value)
  if (key === 'state') return stateIs([text])
  if (key === 'status') {
    if (text === 'snat') return always(false)
    return text === 'dnat' ? fact(({ translated }) => translated !== null) : cannotTell
  }
  if (key === 'direction') return fact(({ isReply }) => (text === 'reply') === isReply)
  if (key === 'mark') {
    const range = numbers(value)
    return range === null ? cannotTell : always(range[0] <= 0n)
  }
  if (dir !== 'original') return cannotTell
  if (key === 'proto-dst') {
    const range = numbers(value)
    return range === null ? cannotTell : originalPortIn([range])
  }
  const range = key === 'daddr' || key === 'ip daddr' || key === 'ip6 daddr' ? addresses(value) : null
  return range === null ? cannotTell : originalTargetIn([range])
}

function routeCondition({ result, flags }: { [key: string]: Json }, value: Json): Condition {
  const by = Array.isArray(flags) ? flags : [flags]
  if (result === 'type') return addressType(by.includes('saddr') ? 'source' : 'destination', [textOf(value)])
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
  const isFlags = isObject(key['payload']) && key['payload']['field'] === 'flags'
  const all = JSON.stringify(mask)
  return isFlags && value === 'syn' && all.includes('syn') && all.includes('ack') ? opensConnection : cannotTell
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
