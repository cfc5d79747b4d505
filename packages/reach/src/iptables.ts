import { type Condition, all, always, cannotTell, not } from './conditions.ts'
import { matchesByName, ownMatches } from './iptables-matches.ts'
import { actionOf } from './iptables-targets.ts'
import { wordsOf } from './iptables-words.ts'
import type { Family } from './ranges.ts'
import { type Chain, type Hook, type Rule, isHook } from './rules.ts'

/** Where iptables puts its tables among those of others (iptables(8), linux/netfilter_ipv4.h). */
const priorities: Record<string, number> = { raw: -300, mangle: -150, nat: -100, filter: 0, security: 50 }
/** Where sources are translated. */
const ofSources = 100

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
  const isOfSources = table === 'nat' && (hook === 'input' || hook === 'postrouting')
  const priority = isOfSources ? ofSources : priorities[table]
  if (name !== name.toUpperCase() || !isHook(hook) || priority === undefined) return null
  return { type: table === 'nat' ? 'nat' : 'filter', hook, priority, policy, devices: [] }
}

function parseRule(words: readonly string[], family: Family, isChain: (name: string) => boolean): Rule['steps'] {
  const conditions: Condition[] = []
  let isNot = false
  let options: typeof ownMatches | undefined
  for (let at = 0; at < words.length; at += 1) {
    const word = words[at] ?? ''
    if (word === '!') {
      isNot = true
      continue
    }
    if (word === '-j' || word === '-g') {
      const [target = '', ...rest] = words.slice(at + 1)
      const action = word === '-g' ? ({ kind: 'goto', chain: target } as const) : actionOf(target, rest, isChain)
      return [{ if: all(conditions) }, { do: action }]
    }
    if (word === '-m') {
      at += 1
      const name = words[at] ?? ''
      options = matchesByName.get(name)
      if (name === 'rpfilter') {
        const last = lastOption(words, at)
        conditions.push(rpfilter(words.slice(at + 1, last + 1)))
        at = last
      } else if (options === undefined) conditions.push(cannotTell)
      continue
    }
    const match = options?.get(word) ?? ownMatches.get(word)
    const condition = match?.condition(words.slice(at + 1, at + 1 + match.words), family) ?? cannotTell
    conditions.push(isNot ? not(condition) : condition)
    isNot = false
    if (match !== undefined) at += match.words
    else while (words[at + 1] !== undefined && !/^(-|!)/.test(words[at + 1] ?? '')) at += 1
  }
  return [{ if: all(conditions) }, { do: { kind: 'none' } }]
}

/** The place of the last option of a match whose options have no words of their own. */
function lastOption(words: readonly string[], from: number): number {
  let at = from
  while (words[at + 1]?.startsWith('--') === true) at += 1
  return at
}

const ofReversePath = ['--loose', '--validmark', '--accept-local', '--invert']

/** Whoever can be answered comes by the way that answers go. */
const rpfilter = (options: readonly string[]): Condition =>
  options.every((each) => ofReversePath.includes(each)) ? always(!options.includes('--invert')) : cannotTell
