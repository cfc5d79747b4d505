import { type RunOptions, run } from '@flotilla/host'
import { FlotillaError } from '@flotilla/protocol'
import { readFile } from 'node:fs/promises'
import { parseIptables } from './iptables.ts'
import { type NftRules, parseNft } from './nft.ts'
import type { Family } from './ranges.ts'
import type { Chain, Ruleset } from './rules.ts'

const limits: RunOptions = { timeoutMs: 10_000, maxOutputBytes: 16 * 1024 * 1024 }

/**
 * The rules of this network namespace, or null where nobody here can read all of them. Tables of iptables are read from its
 * own programs, since nft does not print what it has no words for; all others from nft. Throws CANCELLED alone.
 */
export async function readRules(family: Family, signal?: AbortSignal): Promise<Ruleset | null> {
  const options = { ...limits, ...(signal === undefined ? {} : { signal }) }
  const name = family === 4 ? 'iptables' : 'ip6tables'
  const [newer, older, json, text] = await Promise.all([
    output([`${name}-nft-save`], options),
    hasLegacyTables(family).then((has) => (has ? output([`${name}-legacy-save`], options) : '')),
    output(['nft', '-j', 'list', 'ruleset'], options),
    output(['nft', '-a', 'list', 'ruleset'], options),
  ])
  if (older === null) return null
  const tables = parseIptables(newer ?? '', family)
  const before = parseIptables(older, family)
  if (json === null || text === null) return (await hasNfTables()) ? null : [...tables, ...before]
  try {
    return [...before, ...inOne(tables, parseNft({ json, text }, family))]
  } catch {
    return null // no JSON
  }
}

/**
 * The tables that iptables printed and those of nft, each once. A table of iptables with rules that are none of its own is nft's;
 * so is a chain in it that stands elsewhere than iptables has it, which prints it as one that nobody enters. Pure.
 */
function inOne(tables: readonly Chain[], { chains, dormant, foreign }: NftRules): Chain[] {
  const own = tables.filter(({ table }) => !dormant.has(table) && !foreign.has(table))
  const byName = new Map(own.map((chain) => [`${chain.table} ${chain.name}`, chain]))
  const isSame = (one: Chain | undefined, other: Chain) =>
    one !== undefined && one.base?.hook === other.base?.hook && one.base?.priority === other.base?.priority
  const added = chains.filter((chain) => {
    const known = byName.get(`${chain.table} ${chain.name}`)
    return !own.some(({ table }) => table === chain.table) || (chain.base !== null && !isSame(known, chain))
  })
  const names = new Set(added.map((chain) => `${chain.table} ${chain.name}`))
  return [...own.filter((chain) => !names.has(`${chain.table} ${chain.name}`)), ...added]
}

/** What a program printed; null where it is not there or did not come to a good end. */
async function output(argv: readonly string[], options: RunOptions): Promise<string | null> {
  try {
    const { exitCode, stdout } = await run(argv, options)
    return exitCode === 0 ? stdout.toString() : null
  } catch (error) {
    if (error instanceof FlotillaError && error.code === 'CANCELLED') throw error
    return null
  }
}

/** The first iptables keeps its tables apart; asking its program makes them where there are none. */
async function hasLegacyTables(family: Family): Promise<boolean> {
  const names = await readFile(`/proc/net/${family === 4 ? 'ip' : 'ip6'}_tables_names`, 'utf8').catch(() => '')
  return names.trim() !== ''
}

async function hasNfTables(): Promise<boolean> {
  const modules = await readFile('/proc/modules', 'utf8').catch(() => 'nf_tables ')
  return /^nf_tables /m.test(modules)
}
