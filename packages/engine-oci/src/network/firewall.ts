import { access, readFile, writeFile } from 'node:fs/promises'
import { run, runOk } from '@flotilla/host'
import type { Family } from './addresses.ts'
import {
  chainsOf,
  firewallDocuments,
  firewallRules,
  type FirewallState,
  jumps,
  type OwnState,
  type Rules,
  type Table,
  tables,
} from './firewall-rules.ts'
import { readNeighbours } from './neighbours.ts'

const timeoutMs = 15_000
const programs = { 4: 'iptables', 6: 'ip6tables' } as const

/** Is told each process that writes rules. */
export type OnWrite = (pid: number) => void

/** An instance's rules in the kernel. */
export class Firewall {
  readonly #instance: string
  readonly #families: readonly Family[]
  readonly #onWrite: OnWrite
  /** What was written last, for each family's table: the same again is no work. What others flush meanwhile is `restore`'s. */
  readonly #written = new Map<string, string>()

  private constructor(instance: string, families: readonly Family[], onWrite: OnWrite) {
    this.#instance = instance
    this.#onWrite = onWrite
    this.#families = families
  }

  /** Rules of IPv6 where the kernel has it. */
  static async open(instance: string, onWrite: OnWrite = () => {}): Promise<Firewall> {
    const has6 = await access('/proc/net/if_inet6').then(
      () => true,
      () => false,
    )
    return new Firewall(instance, has6 ? [4, 6] : [4], onWrite)
  }

  get stands(): boolean {
    return this.#written.size > 0
  }

  /** Writes our chains where they differ from the last, and at first the jumps into them; nothing of anybody else's is touched. */
  async apply(own: OwnState, signal?: AbortSignal): Promise<void> {
    const state = { ...own, neighbours: await readNeighbours() }
    // Each to its end: what follows a failure is not to be written over by the family that was slower.
    const results = await Promise.allSettled(this.#families.map((family) => this.#apply(family, state, signal)))
    for (const result of results) if (result.status === 'rejected') throw result.reason
  }

  /** Whether all our rules stand as they should, and only once. */
  async isIntact(own: OwnState, signal?: AbortSignal): Promise<boolean> {
    const state = { ...own, neighbours: await readNeighbours() }
    const intact = await Promise.all(this.#families.map((family) => isIntact(family, state, signal)))
    return intact.every((each) => each)
  }

  /** Writes everything, whatever was written before. */
  async restore(state: OwnState, signal?: AbortSignal): Promise<void> {
    this.#written.clear()
    await this.apply(state, signal)
  }

  /** Takes our chains and jumps away. Idempotent. */
  async remove(): Promise<void> {
    this.#written.clear()
    await Promise.all(this.#families.map((family) => remove(family, this.#instance, this.#onWrite)))
  }

  async #apply(family: Family, state: FirewallState, signal?: AbortSignal): Promise<void> {
    const changes = Object.entries(firewallDocuments(state, family))
      .map(([table, text]) => ({ key: `${family} ${table}`, text }))
      .filter(({ key, text }) => this.#written.get(key) !== text)
    if (changes.length === 0) return
    const isNew = changes.some(({ key }) => !this.#written.has(key))
    for (const { key } of changes) this.#written.delete(key)
    const options = { timeoutMs, onStart: this.#onWrite, ...(signal === undefined ? {} : { signal }) }
    const jumping = isNew ? await jumpChanges(family, this.#instance, signal) : ''
    const restore = [`${programs[family]}-restore`, '--noflush', '--wait', '10']
    await runOk(restore, { ...options, stdin: changes.map(({ text }) => text).join('') })
    // A jump needs its chain to be there.
    if (jumping !== '') await runOk(restore, { ...options, stdin: jumping })
    for (const { key, text } of changes) this.#written.set(key, text)
  }
}

async function isIntact(family: Family, state: FirewallState, signal?: AbortSignal): Promise<boolean> {
  const present = await save(family, signal)
  const wanted = firewallRules(state, family)
  const { instance } = state
  return tables.every((table) => {
    const jumping = [presentJumps(present[table], instance, table), wantedJumps(instance, family, table)]
    const [there = [], meant = []] = jumping.map((lines) => lines.sort())
    // Chains are printed in an order of the kernel's.
    const rulesOf = (lines: readonly string[], chain: string) =>
      lines.filter((line) => line.startsWith(`-A ${chain} `)).map(canonical)
    const areSame = (chain: string) => same(rulesOf(present[table], chain), rulesOf(wanted[table], chain))
    return same(there, meant) && chainsOf(instance, table).every(areSame)
  })
}

/** As text for `iptables-restore`: jumps that do not stand, and those of an earlier version or that stand twice. */
async function jumpChanges(family: Family, instance: string, signal?: AbortSignal): Promise<string> {
  const present = await save(family, signal)
  return document((table) => {
    const there = presentJumps(present[table], instance, table)
    const wanted = wantedJumps(instance, family, table)
    const stale = there.filter((line, at) => !wanted.includes(line) || there.indexOf(line) !== at)
    const missing = wanted.filter((line) => !there.includes(line))
    return [
      ...missing.map((line) => line.replace(/^-A (\S+)/, '-I $1 1')),
      ...stale.map((line) => line.replace('-A', '-D')),
    ]
  })
}

const wantedJumps = (instance: string, family: Family, table: Table): string[] =>
  jumps(instance, family)
    .filter((jump) => jump.table === table)
    .map(({ chain, rule }) => `-A ${chain} ${rule}`)

/** Rules in the chains of others that lead into ours, whichever version wrote them. */
function presentJumps(lines: readonly string[], instance: string, table: Table): string[] {
  const own = chainsOf(instance, table)
  return lines.filter(
    (line) =>
      line.startsWith('-A ') &&
      own.some((chain) => line.endsWith(` -j ${chain}`)) &&
      !own.some((chain) => line.startsWith(`-A ${chain} `)),
  )
}

async function remove(family: Family, instance: string, onStart: OnWrite): Promise<void> {
  const present = await save(family)
  const text = document((table) => {
    const own = chainsOf(instance, table).filter((chain) =>
      present[table].some((line) => line.startsWith(`:${chain} `)),
    )
    return [
      ...presentJumps(present[table], instance, table).map((line) => line.replace('-A', '-D')),
      ...own.map((chain) => `-F ${chain}`),
      ...own.map((chain) => `-X ${chain}`),
    ]
  })
  if (text === '') return
  await runOk([`${programs[family]}-restore`, '--noflush', '--wait', '10'], { timeoutMs, stdin: text, onStart })
}

/** Changes by table, for `iptables-restore --noflush`; empty where there are none. */
function document(linesOf: (table: Table) => string[]): string {
  return tables
    .map((table) => ({ table, lines: linesOf(table) }))
    .filter(({ lines }) => lines.length > 0)
    .map(({ table, lines }) => [`*${table}`, ...lines, 'COMMIT', ''].join('\n'))
    .join('')
}

/** All tables by one program: starting one is what costs. */
async function save(family: Family, signal?: AbortSignal): Promise<Rules> {
  const options = { timeoutMs, maxOutputBytes: 32 * 1024 * 1024, ...(signal === undefined ? {} : { signal }) }
  const { stdout } = await run([`${programs[family]}-save`], options)
  const saved: Rules = { nat: [], filter: [], mangle: [] }
  let lines: string[] | undefined
  for (const line of stdout.toString().split('\n')) {
    if (line.startsWith('*'))
      lines = tables.includes(line.slice(1) as keyof Rules) ? saved[line.slice(1) as keyof Rules] : undefined
    lines?.push(line)
  }
  return saved
}

/** The kernel prints conntrack states in an order of its own. */
function canonical(rule: string): string {
  return rule.replace(/--ctstate (\S+)/, (_, states: string) => `--ctstate ${states.split(',').sort().join(',')}`)
}

function same(one: readonly string[], other: readonly string[]): boolean {
  return one.length === other.length && one.every((line, index) => line === other[index])
}

/** Without it the kernel drops what goes from 127.0.0.1 to the bridge, and a published port is dead on loopback. */
export async function allowLoopback(bridge: string): Promise<void> {
  const path = `/proc/sys/net/ipv4/conf/${bridge}/route_localnet`
  const now = await readFile(path, 'utf8').catch(() => null) // the bridge is not there while no container is on it
  if (now !== null && now.trim() !== '1') await writeFile(path, '1')
}
