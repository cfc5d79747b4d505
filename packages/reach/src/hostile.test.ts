import { expectLinear } from '@flotilla/testkit/linear'
import { describe, expect, it } from 'vitest'
import type { Host } from './host.ts'
import { parseIptables } from './iptables.ts'
import { addressAndPort } from './iptables-words.ts'
import { parseNft } from './nft.ts'
import { reachOf } from './reach.ts'
import type { Ruleset } from './rules.ts'

const host = (rules: Ruleset): Host => ({
  rules: { 4: rules, 6: null },
  interfaces: [{ name: 'eth0', isOutside: true, addresses: ['192.0.2.2/24'] }],
  forwards: { 4: true, 6: false },
  listeners: [{ protocol: 'tcp', address: '0.0.0.0', port: 80, inode: '1' }],
})
const verdict = (rules: Ruleset) => reachOf({ protocol: 'tcp', hostIp: '0.0.0.0', hostPort: 80 }, host(rules))[0]
const input = (lines: string) => parseIptables(`*filter\n:INPUT ACCEPT [0:0]\n${lines}COMMIT\n`, 4)

describe('rules that were made to do harm', () => {
  it.each([':', 'a:', '1.', 'f'])('are read at once, with an address of many %j', (piece) => {
    expectLinear(piece, (text) => addressAndPort(`${text}!`))
  })

  it('end in no verdict where chains that jump to each other would never end', () => {
    const loop = ':a - [0:0]\n:b - [0:0]\n-A INPUT -j a\n-A a -j b\n-A a -j b\n-A b -j a\n-A b -j a\n'
    expect(verdict(input(loop))).toMatchObject({ verdict: 'unknown' })
  })

  it('end in no verdict where their number would keep the agent busy', () => {
    const chains = Array.from(
      { length: 40 },
      (_, n) => `:c${n} - [0:0]\n-A c${n} -j c${n + 1}\n-A c${n} -j c${n + 1}\n`,
    )
    const rules = input(`:c40 - [0:0]\n${chains.reverse().join('')}-A INPUT -j c0\n`)
    const start = performance.now()
    expect(verdict(rules)).toMatchObject({ verdict: 'unknown', reason: 'rulesUnread' })
    expect(performance.now() - start).toBeLessThan(5000)
  })

  it.each(['drop', 'queue'])(
    'end in no verdict where their number has no condition at all, each a way to %s',
    (end) => {
      const at = { family: 'ip', table: 't' }
      const jump = (to: string) => ({ jump: { target: to } })
      const rule = (chain: string, ...expr: object[]) => ({ rule: { ...at, chain, handle: 1, expr } })
      const limit = { limit: { rate: 1, per: 'second' } }
      const chains = Array.from({ length: 40 }, (_, n) => [
        { chain: { ...at, name: `c${n}` } },
        rule(`c${n}`, jump(`c${n + 1}`)),
        rule(`c${n}`, jump(`c${n + 1}`)),
      ])
      const nftables = [
        { chain: { ...at, name: 'in', type: 'filter', hook: 'input', prio: 0, policy: 'accept' } },
        { chain: { ...at, name: 'c40' } },
        ...chains.flat(),
        rule('in', jump('c0')),
        rule('c40', limit, { [end]: null }),
      ]
      const start = performance.now()
      const { chains: parsed } = parseNft({ json: JSON.stringify({ nftables }), text: '' }, 4)
      expect(verdict(parsed)).toMatchObject({ verdict: 'unknown', reason: 'rulesUnread' })
      expect(performance.now() - start).toBeLessThan(5000)
    },
  )

  it('are quoted in bounds, and a comment is no rule', () => {
    const comment = `${'x'.repeat(5000)} -j ACCEPT`
    const reach = verdict(input(`-A INPUT -m comment --comment "${comment}" -j DROP\n`))
    expect(reach).toMatchObject({ verdict: 'no', rule: { chain: 'INPUT' } })
    expect(reach?.rule?.text).toHaveLength(1000)
  })

  it.each([
    '{}',
    '[]',
    '{"nftables": 3}',
    '{"nftables": [{"set": {"family": "ip", "table": "t", "name": "s", "elem": ["@s"]}}, {"chain": {"family": "ip", "table": "t", "name": "c", "hook": "input", "type": "filter", "prio": 0}}, {"rule": {"family": "ip", "table": "t", "chain": "c", "expr": [{"match": {"op": "==", "left": {"meta": {"key": "mark"}}, "right": "@s"}}, {"drop": null}]}}]}',
    '{"nftables": [null, {"chain": []}, {"rule": {"expr": [null, 1, {}]}}]}',
    '{"nftables": [{"chain": {"family": "ip", "table": "t", "name": "c", "hook": "input", "type": "filter", "prio": "x"}}, {"rule": {"family": "ip", "table": "t", "chain": "c", "expr": [{"match": {"op": "==", "left": {"&": []}, "right": {"range": []}}}, {"drop": null}]}}]}',
  ])('are no reason to fall over: %s', (json) => {
    expect(() => verdict(parseNft({ json, text: '' }, 4).chains)).not.toThrow()
  })
})
