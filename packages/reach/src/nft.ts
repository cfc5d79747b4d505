import { cannotTell } from './conditions.ts'
import { type Json, type Sets, equals, isObject, matchCondition, textOf } from './nft-conditions.ts'
import { type Family, addressNumber } from './ranges.ts'
import { type Action, type Chain, type Rule, type Step, isHook } from './rules.ts'

/** What `nft -j list ruleset` and `nft -a list ruleset` printed: what rules mean, and how a person reads them. */
export interface NftOutput {
  json: string
  text: string
}

/**
 * The chains that packets of a family meet. Tables of `hidden` (`ip filter`) are left out: iptables prints its own in full, nft
 * does not. Throws what JSON.parse throws. Pure.
 */
export function parseNft({ json, text }: NftOutput, family: Family, hidden: ReadonlySet<string>): Chain[] {
  const parsed: unknown = JSON.parse(json)
  const items = isObject(parsed) && Array.isArray(parsed['nftables']) ? parsed['nftables'].filter(isObject) : []
  const texts = ruleTexts(text)
  const sets = setsOf(items)
  const chains = new Map<string, Chain & { rules: Rule[] }>()
  for (const { chain } of items) {
    if (!isObject(chain)) continue
    const table = tableOf(chain)
    const name = textOf(chain['name'])
    if (hidden.has(table) || !meets(chain['family'], family)) continue
    chains.set(`${table} ${name}`, { table, name, base: baseChain(chain), rules: [] })
  }
  for (const { rule } of items) {
    if (!isObject(rule) || !Array.isArray(rule['expr'])) continue
    const chain = chains.get(`${tableOf(rule)} ${textOf(rule['chain'])}`)
    if (chain === undefined) continue
    const own: Sets = (name) => sets.get(`${chain.table} ${name}`) ?? null
    chain.rules.push({
      text: texts.get(`${chain.table} ${textOf(rule['handle'])}`) ?? `rule with the handle ${textOf(rule['handle'])}`,
      table: chain.table,
      chain: chain.name,
      steps: rule['expr'].flatMap((each) => (isObject(each) ? stepsOf(each, own) : [])),
    })
  }
  return [...chains.values()]
}

const tableOf = (item: { [key: string]: Json }): string => `${textOf(item['family'])} ${textOf(item['table'])}`

const meets = (family: Json | undefined, packets: Family): boolean =>
  family === 'inet' || family === 'netdev' || family === (packets === 4 ? 'ip' : 'ip6')

function baseChain({ type, hook, prio, policy, dev }: { [key: string]: Json }): Chain['base'] {
  if (!isHook(hook)) return null
  const devices = (Array.isArray(dev) ? dev : [dev]).map(textOf).filter((name) => name !== '')
  return {
    ...{ type: type === 'nat' ? 'nat' : 'filter', hook, priority: Number(prio) || 0, devices },
    policy: policy === 'drop' ? 'drop' : 'accept',
  }
}

/** Named sets and maps, by table and name. */
function setsOf(items: readonly { [key: string]: Json }[]): Map<string, readonly Json[]> {
  const sets = new Map<string, readonly Json[]>()
  for (const { set, map } of items) {
    for (const each of [set, map]) {
      if (!isObject(each)) continue
      sets.set(`${tableOf(each)} ${textOf(each['name'])}`, Array.isArray(each['elem']) ? each['elem'] : [])
    }
  }
  return sets
}

/** Rules as nft prints them, by table and handle. */
function ruleTexts(text: string): Map<string, string> {
  const texts = new Map<string, string>()
  let table = ''
  for (const line of text.split('\n')) {
    const [, family, name] = /^table (\S+) (\S+) \{/.exec(line) ?? []
    if (family !== undefined) table = `${family} ${name}`
    const [, rule, handle] = /^\t\t(.+) # handle (\d+)$/.exec(line) ?? []
    if (rule !== undefined) texts.set(`${table} ${handle}`, rule.replace(/ counter packets \d+ bytes \d+/, ''))
  }
  return texts
}

const done = (action: Action): Step[] => [{ do: action }]
const unknown: Action = { kind: 'unknown' }

/** Statements that change nothing about where a packet goes. */
const harmless = ['counter', 'log', 'comment', 'meter', 'set', 'add', 'update', 'last']

function stepsOf(statement: { [key: string]: Json }, sets: Sets): Step[] {
  const [name = '', value = null] = Object.entries(statement)[0] ?? []
  if (name === 'match' && isObject(value)) return [{ if: matchCondition(value, sets) }]
  if (name === 'vmap' && isObject(value)) return verdictMap(value, sets)
  if (name === 'dnat' && isObject(value)) return translation(value, sets)
  if (name === 'notrack') return done({ kind: 'untrack' })
  if (name === 'mangle' && isObject(value)) return done(change(value))
  if (name === 'redirect') return redirection(value)
  if (name === 'snat' || name === 'masquerade') return done({ kind: 'accept' })
  const verdict = verdictOf(statement)
  if (verdict !== null) return done(verdict)
  if (name === 'limit' || name === 'ct count' || name === 'quota') return [{ if: cannotTell }]
  return harmless.includes(name) ? [] : done(unknown)
}

function verdictOf(statement: { [key: string]: Json }): Action | null {
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
  return elements.flatMap((each: Json): [Json, Json][] =>
    Array.isArray(each) && each.length === 2 ? [[each[0] ?? null, each[1] ?? null]] : [],
  )
}

function verdictMap({ key, data }: { [key: string]: Json }, sets: Sets): Step[] {
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

function translation({ addr, port }: { [key: string]: Json }, sets: Sets): Step[] {
  if (isObject(addr) && isObject(addr['map'])) {
    const { key, data } = addr['map']
    const pairs = pairsOf(data, sets)
    if (pairs === null || key === undefined) return done(unknown)
    const choices = pairs.map(([value, to]) => {
      const [address, toPort = port] = isObject(to) && Array.isArray(to['concat']) ? to['concat'] : [to]
      return { if: equals(key, value, sets), do: translate(address, toPort) }
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

const redirection = (value: Json): Step[] => done(translate(undefined, isObject(value) ? value['port'] : undefined))

/** `meta mark set 0x1`; any other mark is not known from then on, and what else is changed may decide. */
function change({ key, value }: { [key: string]: Json }): Action {
  const isOf = (place: string, name: string) => isObject(key) && isObject(key[place]) && key[place]['key'] === name
  if (isOf('ct', 'mark')) return { kind: 'none' }
  if (!isOf('meta', 'mark')) return isOf('meta', 'nftrace') || isOf('meta', 'priority') ? { kind: 'none' } : unknown
  const text = textOf(value)
  if (/^(0x[0-9a-f]{1,8}|\d{1,10})$/i.test(text)) return { kind: 'mark', value: BigInt(text), mask: 0xffff_ffffn }
  return { kind: 'forgetMark' }
}
