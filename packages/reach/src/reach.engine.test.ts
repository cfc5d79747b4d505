import { once } from 'node:events'
import { connect } from 'node:net'
import { type Interface as Lines, createInterface } from 'node:readline'
import { fileURLToPath } from 'node:url'
import { runOk, spawn } from '@flotilla/host'
import type { Reach } from '@flotilla/protocol'
import { builtProgram } from '@flotilla/testkit/built-child'
import { type LabHost, createLabHost } from '@flotilla/testkit/lab'
import { afterAll, beforeAll, beforeEach, describe, expect, it, vi } from 'vitest'
import type { AskedPort } from './host.ts'
import { type RuleSet, hostRules, place, ruleSets, rules6, undecided } from './testing/rule-sets.ts'

let lab: LabHost
let asker: ReturnType<typeof spawn>
let answers: Lines
const targets = [place.server, place.server6]
const outside6 = 'fd99::1'
const far6 = 'fd99::2'

/** A server behind a bridge of the lab host, as a container's is, and one on the host itself, as a userland proxy is. */
beforeAll(async () => {
  lab = await createLabHost({ name: 'reach' })
  const { stdout } = await runOk(['ip', '-o', 'address', 'show', 'to', lab.outside])
  const [, link = ''] = stdout.toString().split(/\s+/)
  await runOk(['ip', 'address', 'add', `${outside6}/64`, 'dev', link, 'nodad'])
  const inLab = async (line: string) => runOk(lab.command(line.split(' ')))
  for (const line of [
    `ip address add ${far6}/64 dev eth0 nodad`,
    'ip netns add box',
    `ip link add ${place.bridge} type bridge`,
    `ip link add box0p type veth peer name eth0 netns box`,
    `ip link set box0p master ${place.bridge}`,
    `ip address add 10.77.0.1/24 dev ${place.bridge}`,
    `ip address add fd77::1/64 dev ${place.bridge} nodad`,
    'ip link set box0p up',
    `ip link set ${place.bridge} up`,
    'ip -n box link set lo up',
    `ip -n box address add ${place.server}/24 dev eth0`,
    `ip -n box address add ${place.server6}/64 dev eth0 nodad`,
    'ip -n box link set eth0 up',
    'ip -n box route add default via 10.77.0.1',
    'ip -n box route add default via fd77::1',
    'sysctl -qw net.ipv4.ip_forward=1',
    'sysctl -qw net.ipv6.conf.all.forwarding=1',
  ]) {
    await inLab(line)
  }
  const serve = (listens: string) => [process.execPath, '-e', `const{createServer}=require('net');${listens}`]
  const accept = 'createServer(s=>s.end())'
  lab.start('server', ['ip', 'netns', 'exec', 'box', ...serve(`${accept}.listen(80,'::')`)])
  const ofIpv6 = `${accept}.listen(9094,'::');${accept}.listen({port:9095,host:'::',ipv6Only:true})`
  lab.start('mapped', serve(`${accept}.listen(9093,'::ffff:${lab.address}');${ofIpv6}`))
  lab.start('proxy', serve(`${accept}.listen(9090,'0.0.0.0');${accept}.listen(9091,'127.0.0.1')`))
  const program = fileURLToPath(new URL('testing/ask-reach.ts', import.meta.url))
  asker = spawn(lab.command([process.execPath, await builtProgram(program)]), {
    stdio: ['pipe', 'pipe', 'inherit'],
  })
  if (asker.stdout === null) throw new Error('no answers')
  answers = createInterface({ input: asker.stdout })
  await vi.waitUntil(() => reaches(place.server, 80, { isInside: true }), { timeout: 10_000 })
  await vi.waitUntil(() => reaches(lab.address, 9090), { timeout: 10_000 })
}, 60_000)

afterAll(async () => {
  // Neither is there where the beginning failed.
  asker?.stdin?.end()
  if (asker !== undefined) await once(asker, 'exit')
  await lab?.remove()
})

beforeEach(async () => {
  await runOk(lab.command(['nft', 'flush', 'ruleset']))
  const names = (await runOk(lab.command(['cat', '/proc/net/ip_tables_names']))).stdout.toString().split('\n')
  for (const name of names.filter((each) => each !== '')) {
    await runOk(lab.command(['iptables-legacy', '-t', name, '-P', name === 'nat' ? 'PREROUTING' : 'FORWARD', 'ACCEPT']))
    await runOk(lab.command(['iptables-legacy', '-t', name, '-F']))
    await runOk(lab.command(['iptables-legacy', '-t', name, '-X']))
  }
})

async function restore({ iptables, ip6tables, nft, legacy }: RuleSet): Promise<void> {
  const stdin = (text: string) => ({ stdin: text.replaceAll('OUTSIDE', lab.outside) })
  if (iptables !== undefined) await runOk(lab.command(['iptables-nft-restore']), stdin(iptables))
  if (ip6tables !== undefined) await runOk(lab.command(['ip6tables-nft-restore']), stdin(ip6tables))
  if (legacy !== undefined) await runOk(lab.command(['iptables-legacy-restore']), stdin(legacy))
  if (nft !== undefined) await runOk(lab.command(['nft', '-f', '-']), stdin(nft))
}

/** Restores rules, and takes back afterwards what was set beside them. */
async function withRules(rules: RuleSet, look: () => Promise<void>): Promise<void> {
  const shell = (line: string | undefined) => (line === undefined ? [] : runOk(lab.command(['sh', '-c', line])))
  await shell(rules.before)
  try {
    await restore(rules)
    await look()
  } finally {
    await shell(rules.after)
  }
}

async function ask(port: Partial<AskedPort>): Promise<Reach[]> {
  const answer = once(answers, 'line') as Promise<[string]>
  const asked = { protocol: 'tcp', hostIp: '0.0.0.0', hostPort: place.port, targets, containerPort: 80, ...port }
  asker.stdin?.write(`${JSON.stringify(asked)}\n`)
  return JSON.parse((await answer)[0]) as Reach[]
}

/** Whether what the server says comes over a connection within a second, its end that is: it says nothing else. */
async function reaches(host: string, port: number, { isInside = false } = {}): Promise<boolean> {
  if (isInside) {
    const { exitCode } = await lab.exec(['timeout', '1', 'bash', '-c', `< /dev/tcp/${host}/${port}`])
    return exitCode === 0
  }
  const socket = connect({ host, port })
  try {
    await once(socket.resume(), 'end', { signal: AbortSignal.timeout(1000) })
    return true
  } catch {
    return false
  } finally {
    socket.destroy()
  }
}

/** What a verdict says of a caller at this side of the cable; null where it cannot tell. */
function promises({ verdict, from, notFrom }: Reach, caller: string): boolean | null {
  if (verdict === 'unknown') return null
  if (verdict !== 'onlyFrom') return verdict === 'yes'
  const network = (block: string) => [caller, '10.99.0.0/16', 'fd99::/64'].includes(block)
  return from.length > 0 ? from.some(network) : !notFrom.some(network)
}

/** Compares a verdict with a real call, and what it quotes with what the rules say. */
async function compare(rules: RuleSet, port: Partial<AskedPort>, address = lab.address, caller = lab.outside) {
  await withRules(rules, async () => {
    const [reach] = await ask(port)
    if (reach === undefined) throw new Error('no verdict')
    const isReached = await reaches(address, port.hostPort ?? place.port)
    expect({ ...reach, isReached: promises(reach, caller) }).toEqual({ ...reach, isReached })
    expect(reach.rule?.text ?? '').toContain((rules.quotes ?? '').replaceAll('OUTSIDE', lab.outside))
  })
}

describe('whether others reach a published port is what a call from outside finds', () => {
  it.each(Object.entries(ruleSets))('%s', (_, rules) => compare(rules, {}))
})

describe('whether others reach a port of the host itself is what a call from outside finds', () => {
  it.each(Object.entries(hostRules))('%s', (_, rules) => compare(rules, { hostPort: 9090 }))

  it('a socket on an address of IPv4 that is written as one of IPv6', () => compare({}, { hostPort: 9093 }))

  it('a socket on all addresses of both families', () => compare({}, { hostPort: 9094 }))
  it('a socket on all addresses of IPv6 alone', () => compare({}, { hostPort: 9095 }))

  it('a port of the loopback that others are sent to', () =>
    compare(
      {
        iptables:
          '*nat\n:PREROUTING ACCEPT [0:0]\n-A PREROUTING -p tcp -m tcp --dport 9098 -j DNAT --to-destination 127.0.0.1:9091\nCOMMIT\n',
        before: 'sysctl -qw net.ipv4.conf.all.route_localnet=1',
        after: 'sysctl -qw net.ipv4.conf.all.route_localnet=0',
      },
      { hostPort: 9098 },
    ))

  it('a port of the loopback', async () => {
    await compare({}, { hostIp: '127.0.0.1', hostPort: 9091 })
    expect(await ask({ hostIp: '127.0.0.1', hostPort: 9091 })).toMatchObject([{ verdict: 'no', reason: 'loopback' }])
  })

  it('a port that no program waits at', async () => {
    await compare({}, { hostPort: 9092 })
    expect(await ask({ hostPort: 9092 })).toMatchObject([{ verdict: 'no', reason: 'nobodyListens' }])
  })
})

describe('whether others reach a published port by IPv6 is what a call from outside finds', () => {
  it.each(Object.entries(rules6))('%s', (_, rules) => compare(rules, { hostIp: '::' }, far6, outside6))

  it('and each family has its own verdict', async () => {
    await restore(rules6['rules for IPv4 alone'] ?? {})
    const verdicts = (await ask({ hostIp: '' })).map(({ family, verdict }) => [family, verdict])
    expect(verdicts).toEqual([
      ['ipv4', 'no'],
      ['ipv6', 'yes'],
    ])
  })
})

describe('whether others reach a published port is not told', () => {
  it.each(Object.entries(undecided))('where what decides is not understood: %s', (_, rules) =>
    withRules(rules, async () => {
      const [reach] = await ask({})
      expect(reach).toMatchObject({ verdict: 'unknown', reason: 'notUnderstood' })
      expect(reach?.rule?.text).toContain(rules.quotes)
    }),
  )
})

it('a host that passes nothing on is told from one whose rules do not', async () => {
  await runOk(lab.command(['sysctl', '-qw', 'net.ipv4.ip_forward=0']))
  try {
    await compare({ iptables: ruleSets['nothing but the translation']?.iptables ?? '' }, {})
    expect(await ask({})).toMatchObject([{ verdict: 'no', reason: 'notForwarding' }])
  } finally {
    await runOk(lab.command(['sysctl', '-qw', 'net.ipv4.ip_forward=1']))
  }
})
