import { Reach } from '@flotilla/protocol'
import { property, textOf } from '@flotilla/testkit/properties'
import fc from 'fast-check'
import { describe, expect } from 'vitest'
import type { Host } from './host.ts'
import { parseIptables } from './iptables.ts'
import { wordsOf } from './iptables-words.ts'
import { parseNft } from './nft.ts'
import { type Range, addressNumber, holds, parseAddresses } from './ranges.ts'
import { reachOf } from './reach.ts'
import type { Ruleset } from './rules.ts'

const own = '192.0.2.2'
const host = (rules: Ruleset): Host => ({
  rules: { 4: rules, 6: rules },
  interfaces: [
    { name: 'eth0', isOutside: true, addresses: [`${own}/24`, '2001:db8::2/64'] },
    { name: 'box0', isOutside: false, addresses: ['10.77.0.1/24'] },
    { name: 'lo', isOutside: false, addresses: ['127.0.0.1/8'] },
  ],
  forwards: { 4: true, 6: true },
  listeners: [{ protocol: 'tcp', address: '0.0.0.0', port: 80, inode: '1' }],
})
/** Who reaches the server on port 80 of the host; checked as it is sent. */
const reach = (rules: Ruleset) =>
  reachOf({ protocol: 'tcp', hostIp: '0.0.0.0', hostPort: 80 }, host(rules)).map((each) => Reach.parse(each))[0]
const verdict = (rules: Ruleset) => {
  const { verdict: said, from, notFrom } = reach(rules) ?? { verdict: 'none', from: [], notFrom: [] }
  return { verdict: said, from, notFrom }
}

interface Simple {
  source: string | null
  isNot: boolean
  ports: readonly [number, number] | null
  link: string | null
  target: 'ACCEPT' | 'DROP' | 'RETURN' | 'own'
}
const simple: fc.Arbitrary<Simple> = fc.record({
  source: fc.constantFrom(
    null,
    '10.0.0.0/8',
    '10.1.0.0/16',
    '10.0.0.5',
    '192.0.2.0/24',
    '203.0.113.0/25',
    '10.0.0.0/9',
    '0.0.0.0/1',
  ),
  isNot: fc.boolean(),
  ports: fc.constantFrom(null, [80, 80], [1, 79], [79, 90], [443, 443]),
  link: fc.constantFrom(null, null, 'eth0', 'eth1', 'et+'),
  target: fc.constantFrom('ACCEPT', 'DROP', 'RETURN', 'own'),
})
interface Filter {
  policy: 'ACCEPT' | 'DROP'
  input: Simple[]
  own: Simple[]
}
const filter: fc.Arbitrary<Filter> = fc.record({
  policy: fc.constantFrom('ACCEPT', 'DROP'),
  input: fc.array(simple, { maxLength: 6 }),
  own: fc.array(
    simple.map((rule) => ({ ...rule, target: rule.target === 'own' ? 'DROP' : rule.target })),
    { maxLength: 4 },
  ),
})

const lineOf = (chain: string, { source, isNot, ports, link, target }: Simple): string =>
  [
    ...['-A', chain],
    ...(source === null ? [] : [...(isNot ? ['!'] : []), '-s', source]),
    ...(link === null ? [] : ['-i', link]),
    ...(ports === null ? [] : ['-p', 'tcp', '-m', 'tcp', '--dport', ports.join(':')]),
    ...['-j', target],
  ].join(' ')
const saved = (policy: string, lines: readonly string[]): string =>
  ['*filter', `:INPUT ${policy} [0:0]`, ':own - [0:0]', ...lines, 'COMMIT', ''].join('\n')
const linesOf = (rules: Filter) => [
  ...rules.input.map((rule) => lineOf('INPUT', rule)),
  ...rules.own.map((rule) => lineOf('own', rule)),
]
const asIptables = (rules: Filter) => parseIptables(saved(rules.policy, linesOf(rules)), 4)

function asNft(rules: Filter): Ruleset {
  const at = { family: 'ip', table: 't' }
  const match = (left: object, right: unknown, op = '==') => ({ match: { op, left, right } })
  const ruleOf = (chain: string, { source, isNot, ports, link, target }: Simple, handle: number) => {
    const [addr, len] = source?.split('/') ?? []
    const expr = [
      ...(source === null
        ? []
        : [
            match(
              { payload: { protocol: 'ip', field: 'saddr' } },
              len === undefined ? addr : { prefix: { addr, len: Number(len) } },
              isNot ? '!=' : '==',
            ),
          ]),
      ...(link === null ? [] : [match({ meta: { key: 'iifname' } }, link.replace('+', '*'))]),
      ...(ports === null
        ? []
        : [
            match(
              { payload: { protocol: 'tcp', field: 'dport' } },
              ports[0] === ports[1] ? ports[0] : { range: ports },
            ),
          ]),
      target === 'own' ? { jump: { target: 'own' } } : { [target.toLowerCase()]: null },
    ]
    return { rule: { ...at, chain, handle, expr } }
  }
  const nftables = [
    { table: { family: 'ip', name: 't' } },
    { chain: { ...at, name: 'in', type: 'filter', hook: 'input', prio: 0, policy: rules.policy.toLowerCase() } },
    { chain: { ...at, name: 'own' } },
    ...rules.input.map((rule, handle) => ruleOf('in', rule, handle)),
    ...rules.own.map((rule, handle) => ruleOf('own', rule, 100 + handle)),
  ]
  return parseNft({ json: JSON.stringify({ nftables }), text: '' }, 4).chains
}

/** Whether the kernel would let a packet in, rule by rule. */
function accepts(rules: Filter, source: bigint): boolean {
  const through = (chain: readonly Simple[]): boolean | null => {
    for (const rule of chain) {
      const block = rule.source === null ? null : (parseAddresses(rule.source) as Range)
      if (block !== null && holds([block], source) === rule.isNot) continue
      if (rule.link === 'eth1' || (rule.ports !== null && (rule.ports[0] > 80 || rule.ports[1] < 80))) continue
      if (rule.target === 'RETURN') return null
      const inner = rule.target === 'own' ? through(rules.own) : rule.target === 'ACCEPT'
      if (inner !== null) return inner
    }
    return null
  }
  return through(rules.input) ?? rules.policy === 'ACCEPT'
}

/** Addresses at the edges of what the rules speak of, of none inside of the host. */
const callers = [
  '10.0.0.0',
  '10.0.0.5',
  '10.0.0.6',
  '10.1.0.0',
  '10.1.255.255',
  '10.2.0.0',
  '10.127.255.255',
  '10.128.0.0',
  '10.255.255.255',
  '11.0.0.0',
  '9.255.255.255',
  '192.0.2.1',
  '192.0.2.3',
  '192.0.3.0',
  '203.0.113.0',
  '203.0.113.127',
  '203.0.113.128',
  '126.0.0.1',
  '128.0.0.0',
  '223.1.1.1',
].map((text) => addressNumber(text) ?? 0n)

const within = (blocks: readonly string[], caller: bigint) =>
  blocks.some((block) => holds([parseAddresses(block) ?? [1n, 0n]], caller))

describe('who reaches a port by simple rules', () => {
  property(
    'is who the kernel lets in, in either language of rules',
    [filter],
    (rules) => {
      for (const said of [verdict(asIptables(rules)), verdict(asNft(rules))]) {
        for (const caller of callers) {
          const isIn = accepts(rules, caller)
          if (said.verdict === 'onlyFrom')
            expect(said.notFrom.length > 0 ? !within(said.notFrom, caller) : within(said.from, caller)).toBe(isIn)
          else expect(said.verdict).toBe(isIn ? 'yes' : 'no')
        }
      }
    },
    { runs: 8 },
  )

  property(
    'is the same where rules of one outcome stand in another order',
    [filter, fc.constantFrom('ACCEPT' as const, 'DROP' as const), fc.array(simple, { maxLength: 5 }), fc.nat(120)],
    (rules, target, block, by) => {
      const alike = block.map((rule) => ({ ...rule, target }))
      const turned = [...alike.slice(by % (alike.length + 1)), ...alike.slice(0, by % (alike.length + 1))].reverse()
      for (const read of [asIptables, asNft]) {
        const one = read({ ...rules, input: [...alike, ...rules.input] })
        expect(verdict(read({ ...rules, input: [...turned, ...rules.input] }))).toEqual(verdict(one))
      }
    },
    { runs: 8 },
  )

  const strange = [
    '-m statistic --mode random',
    '-m whatever --x y',
    '-m set --match-set s src',
    '-m limit --limit 3/min',
    '-m u32 --u32 "0x0=0x0"',
    '! -m owner --uid 0',
    '--dport 80',
    '--strange 1',
  ]
  property(
    'is not told where a rule that nobody understands may decide',
    [filter, fc.constantFrom(...strange), fc.constantFrom('ACCEPT', 'DROP', 'RETURN', 'own'), fc.nat(9)],
    (rules, words, target, at) => {
      const lines = linesOf(rules)
      const place = at % (rules.input.length + 1)
      const withRule = (rule: string) =>
        parseIptables(saved(rules.policy, lines.toSpliced(place, 0, ...(rule === '' ? [] : [rule]))), 4)
      const said = verdict(withRule(`-A INPUT ${words} -j ${target}`))
      if (said.verdict === 'unknown') return
      expect(said).toEqual(verdict(withRule('')))
      expect(said).toEqual(verdict(withRule(`-A INPUT -j ${target}`)))
    },
    { runs: 8 },
  )

  property(
    'is not told where a target that nobody understands may decide',
    [filter, fc.constantFrom('NFQUEUE --queue-num 1', 'TPROXY --on-port 1', 'SYNPROXY', 'nowhere'), simple, fc.nat(9)],
    (rules, target, condition, at) => {
      const lines = linesOf(rules)
      const place = at % (rules.input.length + 1)
      const rule = lineOf('INPUT', { ...condition, target: 'DROP' }).replace('DROP', target)
      const said = verdict(parseIptables(saved(rules.policy, lines.toSpliced(place, 0, rule)), 4))
      if (said.verdict === 'unknown') return
      for (const outcome of ['ACCEPT', 'DROP'] as const) {
        const known = lines.toSpliced(place, 0, lineOf('INPUT', { ...condition, target: outcome }))
        expect(said).toEqual(verdict(parseIptables(saved(rules.policy, known), 4)))
      }
    },
    { runs: 8 },
  )
})

const words = [
  '*filter',
  '*nat',
  '*raw',
  '*mangle',
  '\n',
  '\n',
  '\n',
  ' ',
  ' ',
  ':INPUT DROP [0:0]',
  ':PREROUTING ACCEPT [0:0]',
  ':FORWARD - [0:0]',
  ':own - [0:0]',
  '-A INPUT',
  '-A PREROUTING',
  '-A own',
  '-j ',
  '-g ',
  'ACCEPT',
  'DROP',
  'own',
  'DNAT --to-destination 10.77.0.2:80',
  'DNAT --to-destination ',
  'REDIRECT --to-ports 80',
  'REDIRECT --to-ports 99999',
  'MARK --set-xmark 0x1/0xffffffff',
  'CONNMARK --save-mark --nfmask 0x1 --ctmask 0x1',
  'CT --notrack',
  '-m ',
  'conntrack',
  '--ctstate NEW',
  '-s 10.0.0.0/8',
  '-s 300.0.0.0/8',
  '-p tcp',
  '-p 6',
  '-m tcp --dport 80',
  '--dport 90:70',
  '!',
  '"',
  '\\',
  '-i',
  'eth0',
  '-m comment --comment "a \\" b"',
  '-m multiport --dports 80,90:91',
  '-m mark --mark 0x1/0x1',
  '-m addrtype --dst-type LOCAL',
  '-m rpfilter --invert',
  'COMMIT',
]

const keys = [
  'match',
  'op',
  'left',
  'right',
  'payload',
  'protocol',
  'field',
  'meta',
  'key',
  'ct',
  'dir',
  'set',
  'map',
  'range',
  'prefix',
  'addr',
  'len',
  'vmap',
  'data',
  'dnat',
  'snat',
  'redirect',
  'port',
  'jump',
  'goto',
  'target',
  'accept',
  'drop',
  'counter',
  'limit',
  '&',
  'concat',
  'elem',
  'val',
  'mangle',
  'value',
  'fib',
  'result',
  'flags',
  'notrack',
  'xt',
  '__proto__',
]
const leaves = [
  '==',
  '!=',
  'in',
  'ip',
  'ip6',
  'tcp',
  'th',
  'saddr',
  'daddr',
  'sport',
  'dport',
  'iifname',
  'mark',
  'state',
  'new',
  'status',
  'dnat',
  'type',
  'local',
  'saddr',
  'oif',
  'own',
  '@s',
  '@',
  '10.0.0.0',
  '::1',
  80,
  8,
  0,
  -1,
  1.5,
  1e300,
  true,
  null,
  '',
  'eth0',
  '*',
  '0x1',
  '0xfffffffff',
]
const { json } = fc.letrec<{ json: unknown }>((tie) => ({
  json: fc.oneof(
    { maxDepth: 6, withCrossShrink: true },
    fc.constantFrom<unknown>(...leaves),
    fc.array(tie('json'), { maxLength: 3 }),
    fc.dictionary(fc.constantFrom(...keys), tie('json'), { maxKeys: 3 }),
  ),
}))
const statement = fc.oneof(
  json,
  fc.record({ match: fc.record({ op: fc.constantFrom('==', '!=', 'in', '<'), left: json, right: json }) }),
  fc.record({
    vmap: fc.record({ key: json, data: fc.record({ set: fc.array(fc.tuple(json, json), { maxLength: 3 }) }) }),
  }),
  fc.record({ dnat: fc.record({ addr: json, port: json }) }),
  fc.constantFrom({ accept: null }, { drop: null }, { jump: { target: 'own' } }, { jump: { target: 'in' } }),
)
const at = { family: 'inet', table: 't' }
const ruleset = fc.record({
  input: fc.array(fc.array(statement, { maxLength: 3 }), { maxLength: 4 }),
  own: fc.array(fc.array(statement, { maxLength: 3 }), { maxLength: 3 }),
  more: fc.array(json, { maxLength: 3 }),
  elements: json,
  hook: fc.constantFrom<unknown>('input', 'prerouting', 'ingress', 'forward', 'nothing', 7, null),
  type: fc.constantFrom<unknown>('filter', 'nat', 'route', 3),
  prio: fc.constantFrom<unknown>(0, -300, 'x', null, 1e400),
})

describe('rules of any kind', () => {
  property(
    'of iptables give a verdict that may be sent, or none',
    [textOf(words, 40), textOf(words, 20)],
    (one, other) => {
      const text = `*filter\n:INPUT ACCEPT [0:0]\n:own - [0:0]\n${one}\n*nat\n:PREROUTING ACCEPT [0:0]\n${other}`
      expect(['yes', 'no', 'onlyFrom', 'unknown']).toContain(reach(parseIptables(text, 4))?.verdict)
      reach(parseIptables(text, 6))
    },
    { runs: 12 },
  )

  property(
    'of nft give a verdict that may be sent, or none',
    [ruleset, fc.string({ unit: 'binary' })],
    (rules, text) => {
      const rulesOf = (chain: string, all: readonly unknown[]) =>
        all.map((expr, handle) => ({ rule: { ...at, chain, handle, expr } }))
      const nftables = [
        { chain: { ...at, name: 'in', type: rules.type, hook: rules.hook, prio: rules.prio, policy: 'accept' } },
        { chain: { ...at, name: 'own' } },
        { set: { ...at, name: 's', elem: rules.elements } },
        ...rules.more,
        ...rulesOf('in', rules.input),
        ...rulesOf('own', rules.own),
      ]
      const { chains } = parseNft(
        { json: JSON.stringify({ nftables }), text: `table inet t {\n\tchain in {\n${text}` },
        4,
      )
      expect(['yes', 'no', 'onlyFrom', 'unknown']).toContain(reach(chains)?.verdict)
    },
    { runs: 12 },
  )

  property(
    'are parted into the words that were joined',
    [fc.array(fc.string({ unit: 'binary', minLength: 1 }), { maxLength: 6 })],
    (all) => {
      const line = all.map((word) => `"${word.replaceAll(/["\\]/g, '\\$&')}"`).join(' ')
      if (!/[\n\r\u2028\u2029]/.test(line)) expect(wordsOf(line)).toEqual(all)
    },
  )
})
