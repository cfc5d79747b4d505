import type { Condition } from './conditions.ts'
import type { RuleRef } from './rule-ref.ts'

/** Where the kernel asks chains about a packet, in the order in which one from outside comes by. */
export type Hook = 'ingress' | 'prerouting' | 'input' | 'forward' | 'output' | 'postrouting'

export const isHook = (text: unknown): text is Hook =>
  ['ingress', 'prerouting', 'input', 'forward', 'output', 'postrouting'].includes(text as string)

/** What a rule does where a packet gets that far. */
export type Action =
  | { kind: 'none' }
  | { kind: 'accept' | 'drop' | 'return' }
  | { kind: 'jump' | 'goto'; chain: string }
  /** A target without an address keeps the address; one without a port keeps the port. */
  | { kind: 'translate'; address?: bigint; port?: number }
  | { kind: 'mark'; value: bigint; mask: bigint }
  | { kind: 'forgetMark' | 'untrack' }
  /** It ends the packet's way somehow, or changes it in a way that is not understood. */
  | { kind: 'unknown' }

/** A condition to go on in a rule, something done, or the first of some conditions with what is done then. */
export type Step = { if: Condition } | { do: Action } | { firstOf: readonly { if: Condition; do: Action }[] }

export interface Rule extends RuleRef {
  steps: readonly Step[]
}

export interface Chain {
  table: string
  name: string
  /** Where the kernel enters it; null for one that rules jump to. */
  base: BaseChain | null
  rules: readonly Rule[]
}

export interface BaseChain {
  type: 'filter' | 'nat'
  hook: Hook
  priority: number
  policy: 'accept' | 'drop'
  /** Of an ingress chain: the interfaces that it stands at. */
  devices: readonly string[]
}

/** The chains that a packet of one family meets. */
export type Ruleset = readonly Chain[]
