import { type Flow, type Machine, joinAlike } from './flow.ts'
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
  /** They are sent on to an address or a port that is not the container's. */
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
  /** Whether the host passes on what comes in by an interface; null: not known. */
  forwards(from: string | null): boolean | null
  isLoopback(address: bigint): boolean
  /** Whether packets from outside may go to the loopback (`route_localnet`). */
  routesLoopback(from: string | null): boolean
  /** What keeps the host from sending to an address, `blackhole 10.0.0.0/8`; null where nothing does. */
  noRouteTo(address: bigint): RuleRef | null
  /** Null: not known. */
  listens(address: bigint, port: number): boolean | null
  /** Whether a published port should lead to this address and port. */
  isTarget(address: bigint, port: number): boolean
}

/**
 * The way of a connection from outside, of the answers to it, and of what the caller sends next: what translates its target, then
 * the chains of what is passed on, or those of what is the host's own. Pure.
 */
export function followPath(start: Flow, around: Surroundings): Outcome[] {
  const walk = new Walk(around.rules, around)
  const outcomes: Outcome[] = []
  const pass = (ends: readonly Ended[]): Ended[] => {
    for (const { flow, isAccepted, rule } of ends) {
      if (isAccepted === null) outcomes.push(outcome(flow, true, 'rules', rule))
      if (isAccepted !== true) outcomes.push(outcome(flow, false, 'rules', rule))
    }
    return ends.filter(({ isAccepted }) => isAccepted === true)
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
    const doubt = isOwn ? doubtOfSocket(routed, around) : doubtOf(routed, around)
    if (doubt !== null) {
      pass([{ flow: { ...routed, guessed: flow.guessed ?? doubt }, isAccepted: null, rule: doubt }])
      continue
    }
    const to = (each: Flow) => (isOwn ? pass(walk.through('input', each)) : passedOn(walk, each, pass))
    for (const end of to(routed)) {
      const back = isOwn ? answerOfHost(walk, end.flow, pass) : answerFromBehind(walk, end.flow, pass)
      const next = joinAlike(back.map((each) => nextOf(each.flow, start)))
        .flatMap((each) => pass(walk.through('ingress', each)))
        .flatMap((each) => pass(walk.through('prerouting', each.flow)))
        .flatMap((each) => to({ ...each.flow, to: routed.to }))
      for (const each of next) outcomes.push(outcome(each.flow, true, 'rules', accepting(end)))
    }
  }
  return outcomes
}

type Pass = (ends: readonly Ended[]) => Ended[]

function obstacle(flow: Flow, around: Surroundings): Reason | null {
  if (around.isLoopback(flow.address) && !around.routesLoopback(flow.from)) return 'loopback'
  if (around.isLocal(flow.address, flow.family)) {
    return around.listens(flow.address, flow.port) === false ? 'nobodyListens' : null
  }
  if (!around.isTarget(flow.address, flow.port)) return 'elsewhere'
  return around.forwards(flow.from) === false ? 'notForwarding' : null
}

/** A socket of IPv6 of which nobody can tell whether it is called by IPv4. */
const doubtOfSocket = ({ protocol, address, port }: Flow, around: Surroundings): RuleRef | null =>
  around.listens(address, port) === null ? { text: `${protocol} [::]:${port}`, table: 'socket', chain: '' } : null

/** What may keep a packet or its answer from being passed on, and nobody can tell. */
function doubtOf(flow: Flow, around: Surroundings): RuleRef | null {
  const doubt = (text: string, table: string) => ({ text, table, chain: '' })
  const route = around.noRouteTo(flow.address)
  if (route !== null) return route
  return [flow.from, flow.to].every((name) => around.forwards(name) === true)
    ? null
    : doubt(`net.ipv4.conf.${flow.to ?? '*'}.forwarding`, 'sysctl')
}

/** By the forward hook and out of the host; what is said of them is what lets them be forwarded. */
function passedOn(walk: Walk, flow: Flow, pass: Pass): Ended[] {
  return pass(walk.through('forward', flow)).flatMap((end) =>
    leaving(walk, end.flow, pass).map(({ flow: out }) => ({ ...end, flow: out })),
  )
}

const leaving = (walk: Walk, flow: Flow, pass: Pass): Ended[] =>
  pass(walk.through('postrouting', flow)).flatMap((end) => pass(walk.through('egress', end.flow)))

/** What callers send once they were answered. */
const nextOf = (answered: Flow, { from, to, mark }: Flow): Flow => ({
  ...{ ...answered, isReply: false, from, to, mark },
  isTracked: answered.isTracked === true ? true : null,
})

/** Of what is not tracked the answers may be, as what they are not. */
const answer = (flow: Flow, from: string | null, to: string | null): Flow => ({
  ...{ ...flow, isReply: true, isNew: false, from, to },
  isTracked: flow.isTracked === true ? true : null,
})

function answerOfHost(walk: Walk, flow: Flow, pass: Pass): Ended[] {
  // A program's sockets may take the mark over (`tcp_fwmark_accept`).
  const reply: Flow = { ...answer(flow, '', flow.from), mark: flow.mark === 0n ? 0n : null }
  return pass(walk.through('output', reply)).flatMap((end) => leaving(walk, end.flow, pass))
}

function answerFromBehind(walk: Walk, flow: Flow, pass: Pass): Ended[] {
  const reply: Flow = { ...answer(flow, flow.to, ''), mark: 0n }
  return pass(walk.through('ingress', reply))
    .flatMap((end) => pass(walk.through('prerouting', end.flow)))
    .flatMap((end) => pass(walk.through('forward', { ...end.flow, to: flow.from })))
    .flatMap((end) => leaving(walk, end.flow, pass))
}

/** What translates a target says more than a policy that lets all through. */
const accepting = ({ rule, flow }: Ended): RuleRef | null =>
  rule.text === '' || rule.text === 'policy accept' ? (flow.translated ?? named(rule)) : rule

const outcome = (flow: Flow, isReached: boolean, reason: Reason, rule: RuleRef | null): Outcome => ({
  ...{ peers: flow.peers, isReached, reason, rule: rule === null ? null : named(rule) },
  ...{ guessed: flow.guessed, parted: flow.parted },
})

const named = ({ text, table, chain }: RuleRef): RuleRef | null => (text === '' ? null : { text, table, chain })
