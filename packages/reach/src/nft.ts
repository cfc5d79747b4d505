import { type Json, type Sets, isObject, textOf } from './nft-conditions.ts'
import { readSets, tableOf } from './nft-sets.ts'
import { stepsOf } from './nft-statements.ts'
import { readNftText } from './nft-text.ts'
import type { Family } from './ranges.ts'
import { type BaseChain, type Chain, type Rule, isHook } from './rules.ts'

/** What `nft -j list ruleset` and `nft -a list ruleset` printed: what rules mean, and how a person reads them. */
export interface NftOutput {
  json: string
  text: string
}

/** All that nft knows of the rules. */
export interface NftRules {
  chains: Chain[]
  /** Tables whose chains nobody enters. */
  dormant: ReadonlySet<string>
  /** Tables with rules in them that iptables has no words for: it prints others instead. */
  foreign: ReadonlySet<string>
}

/** The chains that packets of a family meet, those of iptables among them. Throws what JSON.parse throws. Pure. */
export function parseNft({ json, text }: NftOutput, family: Family): NftRules {
  const parsed: unknown = JSON.parse(json)
  const items = isObject(parsed) && Array.isArray(parsed['nftables']) ? parsed['nftables'].filter(isObject) : []
  const { rules, dormant, dynamic, devices } = readNftText(text)
  const sets = readSets(items, dynamic)
  const chains = new Map<string, Chain & { rules: Rule[] }>()
  for (const { chain } of items) {
    if (!isObject(chain) || isAntiSpoofing(chain) || dormant.has(tableOf(chain)) || !meets(chain['family'], family))
      continue
    const [table, name] = [tableOf(chain), textOf(chain['name'])]
    const key = `${table} ${name}`
    chains.set(key, { table, name, base: baseChain(chain, devices.get(key) ?? []), rules: [] })
  }
  const foreign = new Set<string>()
  for (const { rule } of items) {
    if (!isObject(rule) || !Array.isArray(rule['expr'])) continue
    const table = tableOf(rule)
    if (!rule['expr'].every(isOfIptables)) foreign.add(table)
    const chain = chains.get(`${table} ${textOf(rule['chain'])}`)
    if (chain === undefined) continue
    const own: Sets = (name) => sets.get(`${table} ${name}`) ?? null
    const handle = textOf(rule['handle'])
    chain.rules.push({
      ...{ text: rules.get(`${table} ${handle}`) ?? `rule with the handle ${handle}`, table, chain: chain.name },
      steps: rule['expr'].flatMap((each) => (isObject(each) ? stepsOf(each, own) : [{ do: { kind: 'unknown' } }])),
    })
  }
  return { chains: [...chains.values()], dormant, foreign }
}

/** Flotilla's own for its containers: what answers from its own addresses passes it. */
const isAntiSpoofing = ({ family, table }: { [key: string]: Json }): boolean =>
  family === 'bridge' && /^flotilla_[0-9a-f]{6}$/.test(textOf(table))

/** Families that are met, and those whose packets are not followed. */
const meets = (family: Json | undefined, packets: Family): boolean =>
  ['inet', 'netdev', 'bridge', packets === 4 ? 'ip' : 'ip6', ...(packets === 4 ? ['arp'] : [])].includes(textOf(family))

function baseChain(chain: { [key: string]: Json }, devices: readonly string[]): BaseChain | null {
  const { family, type, hook, prio, policy, dev } = chain
  if (hook === undefined) return null
  const written = (Array.isArray(dev) ? dev : [dev]).map(textOf).filter((name) => name !== '')
  // What is forwarded by a bridge is not routed by its host.
  const isClosed = family === 'bridge' || family === 'arp' || !isHook(hook)
  if (family === 'bridge' && hook === 'forward') return null
  return {
    ...{ type: type === 'nat' ? 'nat' : 'filter', hook: isClosed ? 'prerouting' : hook, priority: Number(prio) || 0 },
    ...{ devices: written.length > 0 ? written : devices, policy: policy === 'drop' ? 'drop' : 'accept' },
    ...(isClosed ? { isClosed } : {}),
  }
}

const statementsOfIptables = [
  ...['match', 'xt', 'counter', 'limit', 'log', 'accept', 'drop', 'return', 'jump', 'goto', 'reject', 'mangle'],
  ...['masquerade', 'snat', 'dnat', 'redirect', 'notrack'],
]

/** Whether iptables may have made a statement: it has neither sets nor what is asked of connections by nft. */
function isOfIptables(statement: Json): boolean {
  if (!isObject(statement)) return false
  if (!Object.keys(statement).every((name) => statementsOfIptables.includes(name))) return false
  const { match } = statement
  if (!isObject(match)) return true
  const { left, right } = match
  if (isObject(right) && right['set'] !== undefined) return false
  if (typeof right === 'string' && right.startsWith('@')) return false
  return isObject(left) && ['payload', 'meta', '&'].some((kind) => left[kind] !== undefined)
}
