import type { Condition } from './conditions.ts'
import type { RuleRef } from './rule-ref.ts'

/** Where the kernel asks chains about a packet, in the order in which one from outside comes by. */
export type Hook = 'ingress' | 'prerouting' | 'input' | 'forward' | 'output' | 'postrouting' | 'egress'

const hooks = ['ingress', 'prerouting', 'input', 'forward', 'output', 'postrouting', 'egress']

export const isHook = (text: unknown): text is Hook => hooks.includes(text as string)

/** What a rule does where a packet gets that far. */
export type Action =
  | { kind: 'none' }
  | { kind: 'accept' | 'drop' | 'return' }
  | { kind: 'jump' | 'goto'; chain: string }
  /** A target without an address keeps the address; one without a port keeps the port. */
  | { kind: 'translate'; address?: bigint; port?: number }
  /** Its source becomes one of the host's own. */
  | { kind: 'translateSource' }
  | MarkAction
  | { kind: 'untrack' }
  /** It ends the packet's way somehow, or changes it in a way that is not understood: what comes after is not known. */
  | { kind: 'unknown' }

export type MarkAction =
  /** The bits of the mask are cleared, and those of the value turned over. */
  | { kind: 'mark' | 'connectionMark'; value: bigint; mask: bigint }
  /** From the packet's mark to its connection's, or back. */
  | { kind: 'saveMark' | 'restoreMark'; packetMask: bigint; connectionMask: bigint }
  | { kind: 'forgetMark' | 'forgetConnectionMark' }

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
  /** Of an ingress or egress chain: the interfaces that it stands at. */
  devices: readonly string[]
  /** Of a family of tables whose packets are not followed (`bridge`, `arp`): what has a rule in it may decide. */
  isClosed?: boolean
}

/** The chains that a packet of one family meets. */
export type Ruleset = readonly Chain[]
