import { type RunOptions, run } from '@flotilla/host'
import { FlotillaError } from '@flotilla/protocol'
import { readFile } from 'node:fs/promises'
import { parseIptables } from './iptables.ts'
import { parseNft } from './nft.ts'
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
  const chains: Chain[] = [...tables, ...parseIptables(older, family)]
  const own = new Set(tables.map(({ table }) => table))
  if (json === null || text === null) return (await hasNfTables()) ? null : chains
  try {
    return [...chains, ...parseNft({ json, text }, family, own)]
  } catch {
    return null // no JSON
  }
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
