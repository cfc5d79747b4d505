import { readFile, writeFile } from 'node:fs/promises'
import { run, runOk } from '@flotilla/host'
import type { PortMapping } from '@flotilla/protocol'

/** All that the rules of one instance depend on. */
export interface FirewallState {
  instance: string
  bridge: string
  subnet: string
  published: readonly { address: string; ports: readonly PortMapping[] }[]
}

const timeoutMs = 15_000

function chains(instance: string) {
  const own = (what: string) => `FLOTILLA-${instance}-${what}`
  return { dnat: own('DN'), post: own('PO'), forward: own('FW'), input: own('IN') }
}

/** The jumps into our chains, as `iptables-save` prints them; the only rules that stand in chains of others. */
function jumps(instance: string): { table: 'nat' | 'filter'; chain: string; rule: string }[] {
  const { dnat, post, forward, input } = chains(instance)
  return [
    { table: 'nat', chain: 'PREROUTING', rule: `-m addrtype --dst-type LOCAL -j ${dnat}` },
    { table: 'nat', chain: 'OUTPUT', rule: `-m addrtype --dst-type LOCAL -j ${dnat}` },
    { table: 'nat', chain: 'POSTROUTING', rule: `-j ${post}` },
    { table: 'filter', chain: 'FORWARD', rule: `-j ${forward}` },
    { table: 'filter', chain: 'INPUT', rule: `-j ${input}` },
  ]
}

/** Our own rules in the order in which they stand, spelt as `iptables-save` spells them. Pure. */
export function firewallRules(state: FirewallState): { nat: string[]; filter: string[] } {
  const { dnat, post, forward, input } = chains(state.instance)
  const { bridge, subnet } = state
  const forwards = state.published.flatMap(({ address, ports }) =>
    ports.map(({ hostIp, protocol, hostPort, containerPort }) => {
      const to = hostIp === '' || hostIp === '0.0.0.0' ? '' : `-d ${hostIp}/32 `
      const what = `-p ${protocol} -m ${protocol} --dport ${hostPort}`
      return `-A ${dnat} ${to}${what} -j DNAT --to-destination ${address}:${containerPort}`
    }),
  )
  return {
    nat: [
      ...forwards,
      // From the host's loopback, and from a container to a published port: the answer has to come back through us.
      `-A ${post} -s 127.0.0.0/8 -o ${bridge} -j MASQUERADE`,
      `-A ${post} -s ${subnet} -o ${bridge} -m conntrack --ctstate DNAT -j MASQUERADE`,
      `-A ${post} -s ${subnet} ! -o ${bridge} -j MASQUERADE`,
    ],
    filter: [
      `-A ${forward} -o ${bridge} -m conntrack --ctstate RELATED,ESTABLISHED,DNAT -j ACCEPT`,
      `-A ${forward} -i ${bridge} -j ACCEPT`,
      // `route_localnet` lets the host's loopback be reached by a frame from the bridge as well: answers alone may.
      `-A ${input} -d 127.0.0.0/8 -i ${bridge} -m conntrack ! --ctstate RELATED,ESTABLISHED,DNAT -j DROP`,
    ],
  }
}

/** The text for `iptables-restore --noflush`: naming a chain empties it, so each table changes in one step. Pure. */
export function firewallDocument(state: FirewallState): string {
  const { dnat, post, forward, input } = chains(state.instance)
  const rules = firewallRules(state)
  const table = (name: string, own: string[], lines: string[]) =>
    [`*${name}`, ...own.map((chain) => `:${chain} - [0:0]`), ...lines, 'COMMIT', ''].join('\n')
  return table('nat', [dnat, post], rules.nat) + table('filter', [forward, input], rules.filter)
}

/** Writes our chains anew and, unless they are known to stand, the jumps into them; nothing of anybody else's is touched. */
export async function applyFirewall(
  state: FirewallState,
  { jumpsStand = false, signal }: { jumpsStand?: boolean; signal?: AbortSignal } = {},
): Promise<void> {
  const options = { timeoutMs, ...(signal === undefined ? {} : { signal }) }
  await runOk(['iptables-restore', '--noflush', '--wait', '10'], { ...options, stdin: firewallDocument(state) })
  const present = jumpsStand ? null : await save(signal)
  for (const { table, chain, rule } of jumps(state.instance)) {
    if (present === null) break
    if (present[table].includes(`-A ${chain} ${rule}`)) continue
    await runOk(['iptables', '-w', '10', '-t', table, '-I', chain, '1', ...rule.split(' ')], options)
  }
  await allowLoopback(state.bridge)
}

/** Whether all our rules stand as they should, and only once. */
export async function isFirewallIntact(state: FirewallState, signal?: AbortSignal): Promise<boolean> {
  const present = await save(signal)
  const wanted = firewallRules(state)
  const { dnat, post, forward, input } = chains(state.instance)
  const own = (table: 'nat' | 'filter', names: string[]) =>
    present[table].filter((line) => names.some((name) => line.startsWith(`-A ${name} `))).map(canonical)
  return (
    jumps(state.instance).every(({ table, chain, rule }) => present[table].includes(`-A ${chain} ${rule}`)) &&
    same(own('nat', [dnat, post]), wanted.nat.map(canonical)) &&
    same(own('filter', [forward, input]), wanted.filter.map(canonical))
  )
}

/** Takes our chains and jumps away. Idempotent. */
export async function removeFirewall(instance: string): Promise<void> {
  const present = await save()
  const { dnat, post, forward, input } = chains(instance)
  for (const { table, chain, rule } of jumps(instance)) {
    for (const line of present[table].filter((text) => text === `-A ${chain} ${rule}`)) {
      await runOk(['iptables', '-w', '10', '-t', table, '-D', chain, ...line.split(' ').slice(2)], { timeoutMs })
    }
  }
  for (const [table, chain] of [
    ['nat', dnat],
    ['nat', post],
    ['filter', forward],
    ['filter', input],
  ] as const) {
    if (!present[table].some((line) => line.startsWith(`:${chain} `))) continue
    for (const verb of ['-F', '-X']) await runOk(['iptables', '-w', '10', '-t', table, verb, chain], { timeoutMs })
  }
}

/** Both tables by one program: starting one is what costs. */
async function save(signal?: AbortSignal): Promise<{ nat: string[]; filter: string[] }> {
  const options = { timeoutMs, maxOutputBytes: 32 * 1024 * 1024, ...(signal === undefined ? {} : { signal }) }
  const { stdout } = await run(['iptables-save'], options)
  const tables: Record<string, string[]> = { nat: [], filter: [] }
  let lines: string[] | undefined
  for (const line of stdout.toString().split('\n')) {
    if (line.startsWith('*')) lines = tables[line.slice(1)]
    lines?.push(line)
  }
  return { nat: tables['nat'] ?? [], filter: tables['filter'] ?? [] }
}

/** The kernel prints conntrack states in an order of its own. */
function canonical(rule: string): string {
  return rule.replace(/--ctstate (\S+)/, (_, states: string) => `--ctstate ${states.split(',').sort().join(',')}`)
}

function same(one: readonly string[], other: readonly string[]): boolean {
  return one.length === other.length && one.every((line, index) => line === other[index])
}

/** Without it the kernel drops what goes from 127.0.0.1 to the bridge, and a published port is dead on loopback. */
async function allowLoopback(bridge: string): Promise<void> {
  const path = `/proc/sys/net/ipv4/conf/${bridge}/route_localnet`
  const now = await readFile(path, 'utf8').catch(() => null) // the bridge is not there while no container is on it
  if (now !== null && now.trim() !== '1') await writeFile(path, '1')
}
