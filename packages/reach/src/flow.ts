import { type Family, type Ranges, union } from './ranges.ts'
import type { RuleRef } from './rule-ref.ts'

/**
 * Packets that are alike but for the address of who calls, on their way: those that begin a connection, the answers to them, or
 * what the callers send next. Plain data: what changes it makes a new one.
 */
export interface Flow {
  readonly family: Family
  readonly protocol: 'tcp' | 'udp'
  readonly isReply: boolean
  /** Whether they begin the connection: what translates addresses is asked about these alone. */
  readonly isNew: boolean
  /** The addresses of those who call: the source of the packets, and where answers go. */
  readonly peers: Ranges
  /** Where the packets go now; of answers, where they come from. */
  readonly address: bigint
  readonly port: number
  /** Where they went before anything was translated. */
  readonly originalAddress: bigint
  readonly originalPort: number
  /** The interface that they come in by, '' where there is none; null: not known. */
  readonly from: string | null
  /** The interface that they go out by, in the same way. */
  readonly to: string | null
  /** Null: not known. */
  readonly mark: bigint | null
  /** The mark that connection tracking keeps; null: not known. */
  readonly connectionMark: bigint | null
  /** Null: not known, or not yet. */
  readonly isTracked: boolean | null
  /** What translated their target. */
  readonly translated: RuleRef | null
  /** Whether the host speaks to the target with an address of its own instead of the callers'. */
  readonly hasOwnSource: boolean
  /** Whether the callers' addresses are not in the packets at this place. */
  readonly hidesPeers: boolean
  /** The first rule that held a condition which nobody here understands. */
  readonly guessed: RuleRef | null
  /** The last rule that told these callers from others. */
  readonly parted: RuleRef | null
}

/** What of this machine decides about a packet beside its rules. */
export interface Machine {
  /** Whether an address is the host's own. */
  isLocal(address: bigint, family: Family): boolean
  /** The interface by which an address is reached; null: not known. */
  interfaceTo(address: bigint, family: Family): string | null
}

/** Those for whom a condition holds, and those for whom it does not; all of them in both where nobody can tell. */
export interface Split {
  yes: Flow | null
  no: Flow | null
}

export const decided = (flow: Flow, holds: boolean): Split =>
  holds ? { yes: flow, no: null } : { yes: null, no: flow }

export const openTo = (flow: Flow): Split => ({ yes: flow, no: flow })

/** Joins flows that differ in their callers alone: what comes after is the same for them. */
export function joinAlike(flows: readonly Flow[]): Flow[] {
  if (flows.length < 2) return [...flows]
  const alike = new Map<string, Flow>()
  for (const flow of flows) {
    const key = [
      ...[flow.address, flow.port, flow.to, flow.mark, flow.connectionMark, flow.isTracked, flow.translated?.text],
      flow.hasOwnSource,
      ...[flow.guessed === null, flow.parted === null],
    ].join(' ')
    const known = alike.get(key)
    alike.set(key, known === undefined ? flow : join(known, flow))
  }
  return [...alike.values()]
}

/** Two flows that differ in their callers alone as one. */
export const join = (one: Flow, other: Flow): Flow => ({
  ...one,
  peers: union(one.peers, other.peers),
  guessed: one.guessed ?? other.guessed,
  parted: one.parted ?? other.parted,
})
