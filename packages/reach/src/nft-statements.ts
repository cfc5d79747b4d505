import { cannotTell } from './conditions.ts'
import { type Json, type Sets, equals, isObject, matchCondition, textOf } from './nft-conditions.ts'
import { addressNumber } from './ranges.ts'
import type { Action, Step } from './rules.ts'

type Fields = { [key: string]: Json }

const done = (action: Action): Step[] => [{ do: action }]
const unknown: Action = { kind: 'unknown' }
const everyBit = 0xffff_ffffn

/** Statements after which a packet goes on as it was. */
const harmless = ['counter', 'log', 'comment', 'last', 'ct helper', 'ct timeout']
/** Statements that a packet may not get past, by what the kernel has counted. */
const counting = ['limit', 'ct count', 'quota', 'meter', 'set', 'map']

/** What a statement of a rule asks for or does; all that is not understood is `unknown`. */
export function stepsOf(statement: Fields, sets: Sets): Step[] {
  const [[name, value] = ['', null], ...more] = Object.entries(statement)
  if (more.length > 0) return done(unknown)
  if (harmless.includes(name)) return []
  if (counting.includes(name)) return [{ if: cannotTell }]
  if (name === 'notrack') return done({ kind: 'untrack' })
  if (name === 'snat' || name === 'masquerade') return done({ kind: 'translateSource' })
  if (name === 'redirect') return done(redirection(value))
  const verdict = verdictOf(statement)
  if (verdict !== null) return done(verdict)
  if (!isObject(value)) return done(unknown)
  if (name === 'match') return [{ if: matchCondition(value, sets) }]
  if (name === 'vmap') return verdictMap(value, sets)
  if (name === 'dnat') return translation(value, sets)
  return done(name === 'mangle' ? change(value) : unknown)
}

function verdictOf(statement: Fields): Action | null {
  const [name = '', value = null] = Object.entries(statement)[0] ?? []
  if (name === 'accept' || name === 'drop' || name === 'return') return { kind: name }
  if (name === 'continue') return { kind: 'none' }
  if (name === 'reject') return { kind: 'drop' }
  if ((name === 'jump' || name === 'goto') && isObject(value)) return { kind: name, chain: textOf(value['target']) }
  return null
}

/** The pairs of a map: written out, or by its name. */
function pairsOf(data: Json | undefined, sets: Sets): [Json, Json][] | null {
  const elements = typeof data === 'string' ? sets(data.slice(1)) : isObject(data) ? data['set'] : null
  if (!Array.isArray(elements)) return null
  const pairs = elements.map((each: Json): [Json, Json] | null =>
    Array.isArray(each) && each.length === 2 ? [each[0] ?? null, each[1] ?? null] : null,
  )
  return pairs.every((each) => each !== null) ? pairs : null
}

function verdictMap({ key, data }: Fields, sets: Sets): Step[] {
  const pairs = pairsOf(data, sets)
  if (pairs === null || key === undefined) return done(unknown)
  return [
    {
      firstOf: pairs.map(([value, verdict]) => ({
        if: equals(key, value, sets),
        do: (isObject(verdict) ? verdictOf(verdict) : null) ?? unknown,
      })),
    },
  ]
}

const ofTranslation = ['family', 'addr', 'port']

function translation(value: Fields, sets: Sets): Step[] {
  const { addr, port } = value
  if (!Object.keys(value).every((name) => ofTranslation.includes(name))) return done(unknown)
  if (isObject(addr) && isObject(addr['map'])) {
    const { key, data } = addr['map']
    const pairs = pairsOf(data, sets)
    if (pairs === null || key === undefined) return done(unknown)
    const choices = pairs.map(([element, to]) => {
      const [address, toPort = port] = isObject(to) && Array.isArray(to['concat']) ? to['concat'] : [to]
      return { if: equals(key, element, sets), do: translate(address, toPort) }
    })
    return [{ firstOf: choices }]
  }
  return done(translate(addr, port))
}

function translate(addr: Json | undefined, port: Json | undefined): Action {
  const address = addr === undefined ? undefined : addressNumber(textOf(addr))
  const number = port === undefined ? undefined : Number(textOf(port) || 'none')
  if (address === null || (number !== undefined && !Number.isInteger(number))) return unknown
  return {
    kind: 'translate',
    ...(address === undefined ? {} : { address }),
    ...(number === undefined ? {} : { port: number }),
  }
}

function redirection(value: Json): Action {
  if (value === null) return translate(undefined, undefined)
  if (!isObject(value) || !Object.keys(value).every((name) => name === 'port')) return unknown
  return translate(undefined, value['port'])
}

/** `meta mark set 0x1`; any other mark is not known from then on, and what else is changed may decide. */
function change({ key, value }: Fields): Action {
  if (!isObject(key) || value === undefined) return unknown
  const of = (holder: Json, place: string) =>
    isObject(holder) && isObject(holder[place]) ? textOf(holder[place]['key']) : ''
  const isOption = isObject(key['tcp option']) && key['tcp option']['name'] === 'maxseg'
  if (isOption || ['nftrace', 'priority'].includes(of(key, 'meta'))) return { kind: 'none' }
  const isPackets = of(key, 'meta') === 'mark'
  if (!isPackets && of(key, 'ct') !== 'mark') return unknown
  const text = textOf(value)
  if (/^(0x[0-9a-f]{1,8}|\d{1,10})$/i.test(text)) {
    return { kind: isPackets ? 'mark' : 'connectionMark', value: BigInt(text), mask: everyBit }
  }
  const masks = { packetMask: everyBit, connectionMask: everyBit }
  if (isPackets) return of(value, 'ct') === 'mark' ? { kind: 'restoreMark', ...masks } : { kind: 'forgetMark' }
  return of(value, 'meta') === 'mark' ? { kind: 'saveMark', ...masks } : { kind: 'forgetConnectionMark' }
}
