import { type Condition, all, always, cannotTell, not } from './conditions.ts'
import { matches } from './iptables-matches.ts'
import { addressAndPort, markAndMask, wordsOf } from './iptables-words.ts'
import { type Family, addressNumber } from './ranges.ts'
import { type Action, type Chain, type Hook, type Rule, isHook } from './rules.ts'

/** Where iptables puts its tables among those of others (iptables(8), linux/netfilter_ipv4.h). */
const priorities: Record<string, number> = { raw: -300, mangle: -150, nat: -100, filter: 0, security: 50 }

/** The tables that `iptables-save` or `ip6tables-save` printed; lines that are none of its own are passed by. Pure. */
export function parseIptables(text: string, family: Family): Chain[] {
  const chains = new Map<string, Chain & { rules: Rule[] }>()
  let table = ''
  for (const line of text.split('\n')) {
    if (line.startsWith('*')) table = line.slice(1).trim()
    const [, name, policy] = /^:(\S+) (\S+)/.exec(line) ?? []
    if (name !== undefined) {
      const base = baseChain(table, name, policy === 'DROP' ? 'drop' : 'accept')
      chains.set(`${table} ${name}`, { table: tableName(table, family), name, base, rules: [] })
    }
    const [, of] = /^-A (\S+)/.exec(line) ?? []
    const chain = of === undefined ? undefined : chains.get(`${table} ${of}`)
    if (chain === undefined) continue
    const isChain = (target: string) => chains.has(`${table} ${target}`)
    const steps = parseRule(wordsOf(line).slice(2), family, isChain)
    chain.rules.push({ text: line, table: chain.table, chain: chain.name, steps })
  }
  return [...chains.values()]
}

/** As nft calls a table of iptables. */
export const tableName = (table: string, family: Family): string => `${family === 4 ? 'ip' : 'ip6'} ${table}`

function baseChain(table: string, name: string, policy: 'accept' | 'drop'): Chain['base'] {
  const hook: Hook | string = name.toLowerCase()
  const priority = priorities[table]
  if (name !== name.toUpperCase() || !isHook(hook) || priority === undefined) return null
  return { type: table === 'nat' ? 'nat' : 'filter', hook, priority, policy, devices: [] }
}

function parseRule(words: readonly string[], family: Family, isChain: (name: string) => boolean): Rule['steps'] {
  const conditions: Condition[] = []
  let isNot = false
  for (let at = 0; at < words.length; at += 1) {
    const word = words[at] ?? ''
    if (word === '!') {
      isNot = true
      continue
    }
    if (word === '-j' || word === '-g') {
      const [target = '', ...options] = words.slice(at + 1)
      const action = word === '-g' ? ({ kind: 'goto', chain: target } as const) : actionOf(target, options, isChain)
      return [{ if: all(conditions) }, { do: action }]
    }
    if (word === '-m') {
      at += 1
      if (words[at] === 'rpfilter') {
        // Whoever can be answered comes by the way that answers go.
        const isInverted = words.slice(at).includes('--invert')
        conditions.push(always(!isInverted))
        while (words[at + 1] !== undefined && words[at + 1]?.startsWith('--') === true) at += 1
      } else if (alone.has(words[at] ?? '')) conditions.push(cannotTell)
      continue
    }
    const match = matches.get(word)
    const condition = match?.condition(words.slice(at + 1, at + 1 + match.words), family) ?? cannotTell
    conditions.push(isNot ? not(condition) : condition)
    isNot = false
    if (match !== undefined) at += match.words
    else while (words[at + 1] !== undefined && !/^(-|!)/.test(words[at + 1] ?? '')) at += 1
  }
  return [{ if: all(conditions) }, { do: { kind: 'none' } }]
}

/** Matches that decide without an option of their own. */
const alone = new Set(['socket', 'ah', 'esp', 'frag'])

const harmless = new Set(
  (
    'LOG NFLOG ULOG CHECKSUM TCPMSS TCPOPTSTRIP TOS DSCP ECN CLASSIFY TTL HL AUDIT TRACE SECMARK CONNSECMARK SET ' +
    'RATEEST IDLETIMER LED TEE CONNMARK'
  ).split(' '),
)
/** They translate the source, which decides about nothing here. */
const sources = new Set(['MASQUERADE', 'SNAT'])

function actionOf(target: string, options: readonly string[], isChain: (name: string) => boolean): Action {
  const option = (name: string) => options[options.indexOf(name) + 1] ?? ''
  if (isChain(target)) return { kind: 'jump', chain: target }
  if (target === 'ACCEPT' || sources.has(target)) return { kind: 'accept' }
  if (target === 'DROP' || target === 'REJECT') return { kind: 'drop' }
  if (target === 'RETURN') return { kind: 'return' }
  if (target === 'DNAT') return translation(option('--to-destination'))
  if (target === 'REDIRECT') {
    const ports = option('--to-ports')
    if (options.length === 0) return { kind: 'translate' }
    return /^\d+$/.test(ports) ? { kind: 'translate', port: Number(ports) } : unknown
  }
  if (target === 'MARK') {
    const mark = options.includes('--set-xmark') ? markAndMask(option('--set-xmark')) : null
    return mark === null ? unknown : { kind: 'mark', ...mark }
  }
  // What is restored of a connection's mark is 0 for a new one.
  if (target === 'CONNMARK') return { kind: 'none' }
  if (target === 'NOTRACK' || (target === 'CT' && options.includes('--notrack'))) return { kind: 'untrack' }
  return target === 'CT' || harmless.has(target) ? { kind: 'none' } : unknown
}

const unknown: Action = { kind: 'unknown' }

function translation(text: string): Action {
  const to = addressAndPort(text)
  const address = to?.address === undefined ? undefined : addressNumber(to.address)
  if (to === null || address === null) return unknown
  return {
    ...(address === undefined ? {} : { address }),
    ...(to.port === undefined ? {} : { port: to.port }),
    kind: 'translate',
  }
}
