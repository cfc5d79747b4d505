import type { Flow, Machine } from './flow.ts'
import type { Ranges } from './ranges.ts'
import type { RuleRef } from './rule-ref.ts'
import type { Ruleset } from './rules.ts'
import { type Ended, Walk } from './walk.ts'

/** Why packets arrive or do not. */
export type Reason =
  /** A rule or a policy, the one that is quoted, or none where there is none. */
  | 'rules'
  /** It is an address of the host's own loopback. */
  | 'loopback'
  /** The host does not pass packets on (`net.ipv4.ip_forward`, `net.ipv6.conf.all.forwarding`). */
  | 'notForwarding'
  /** They are sent on to an address that is not the container's. */
  | 'elsewhere'
  /** They come to the host, where no program waits for them. */
  | 'nobodyListens'

/** What becomes of the packets of some callers. */
export interface Outcome {
  peers: Ranges
  isReached: boolean
  reason: Reason
  rule: RuleRef | null
  guessed: RuleRef | null
  parted: RuleRef | null
}

export interface Surroundings extends Machine {
  rules: Ruleset
  forwards: boolean
  isLoopback(address: bigint): boolean
  listens(address: bigint, port: number): boolean
  /** The addresses that the port should lead to; null: any. */
  targets: readonly bigint[] | null
}

/**
 * The way of a connection from outside, and of the answers to it: what translates its target, then the chains of what is
 * passed on, or those of what is the host's own. Pure.
 */
export function followPath(start: Flow, around: Surroundings): Outcome[] {
  const walk = new Walk(around.rules, around)
  const outcomes: Outcome[] = []
  const pass = (ends: readonly Ended[]): Ended[] => {
    outcomes.push(
      ...ends.filter(({ isAccepted }) => !isAccepted).map((end) => outcome(end.flow, false, 'rules', end.rule)),
    )
    return ends.filter(({ isAccepted }) => isAccepted)
  }
  const arrived = pass(walk.through('ingress', start)).flatMap(({ flow }) => pass(walk.through('prerouting', flow)))
  for (const { flow } of arrived) {
    const stop = obstacle(flow, around)
    if (stop !== null) {
      outcomes.push(outcome(flow, false, stop, flow.translated))
      continue
    }
    const isOwn = around.isLocal(flow.address, flow.family)
    const routed = isOwn ? flow : { ...flow, to: around.interfaceTo(flow.address, flow.family) }
    const there = isOwn
      ? pass(walk.through('input', routed))
      : pass(walk.through('forward', routed)).flatMap((end) =>
          pass(walk.through('postrouting', end.flow)).map(() => end),
        )
    for (const end of there) {
      const back = isOwn ? answerOfHost(walk, end.flow, pass) : answerFromBehind(walk, end.flow, pass)
      outcomes.push(...back.map((each) => outcome(each.flow, true, 'rules', accepting(end))))
    }
  }
  return outcomes
}

type Pass = (ends: readonly Ended[]) => Ended[]

function obstacle(flow: Flow, around: Surroundings): Reason | null {
  if (around.isLoopback(flow.address)) return 'loopback'
  if (around.isLocal(flow.address, flow.family)) {
    return around.listens(flow.address, flow.port) ? null : 'nobodyListens'
  }
  if (around.targets !== null && !around.targets.includes(flow.address)) return 'elsewhere'
  return around.forwards ? null : 'notForwarding'
}

function answerOfHost(walk: Walk, flow: Flow, pass: Pass): Ended[] {
  const reply: Flow = { ...flow, isReply: true, from: '', to: flow.from, mark: 0n }
  return pass(walk.through('output', reply)).flatMap((end) => pass(walk.through('postrouting', end.flow)))
}

function answerFromBehind(walk: Walk, flow: Flow, pass: Pass): Ended[] {
  const reply: Flow = { ...flow, isReply: true, from: flow.to, to: '', mark: 0n }
  return pass(walk.through('prerouting', reply))
    .flatMap((end) => pass(walk.through('forward', { ...end.flow, to: flow.from })))
    .flatMap((end) => pass(walk.through('postrouting', end.flow)))
}

/** What translates a target says more than a policy that lets all through. */
const accepting = ({ rule, flow }: Ended): RuleRef | null =>
  rule.text === '' || rule.text === 'policy accept' ? (flow.translated ?? named(rule)) : rule

const outcome = (flow: Flow, isReached: boolean, reason: Reason, rule: RuleRef | null): Outcome => ({
  ...{ peers: flow.peers, isReached, reason, rule: rule === null ? null : named(rule) },
  ...{ guessed: flow.guessed, parted: flow.parted },
})

const named = ({ text, table, chain }: RuleRef): RuleRef | null => (text === '' ? null : { text, table, chain })
