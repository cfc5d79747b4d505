import { type Flow, type Machine, type Split, joinAlike } from './flow.ts'
import { marked } from './marks.ts'
import { type Place, isWalked, placeOf, trackingPriority } from './place.ts'
import { intersect } from './ranges.ts'
import type { RuleRef } from './rule-ref.ts'
import type { Action, BaseChain, Chain, Hook, Rule, Ruleset } from './rules.ts'

/** How far packets came in the chains of one hook. */
export interface Ended {
  flow: Flow
  /** Null: nobody can tell, nor what becomes of them afterwards. */
  isAccepted: boolean | null
  rule: RuleRef
}

/** Rules of other programs may be many, and may be made to be: so much is looked at, done and carried on for one packet. */
const mostSteps = 300_000
const deepest = 64

/** A packet's way through these rules costs more than is spent on it. */
export class TooManyRules extends Error {}

/** What one walk of a packet shares: the rules, the machine, and how much it may still cost. */
export class Walk {
  readonly #bases: readonly Chain[]
  readonly #named: ReadonlyMap<string, Chain>
  readonly #machine: Machine
  #left = mostSteps

  constructor(rules: Ruleset, machine: Machine) {
    this.#machine = machine
    this.#named = new Map(rules.map((chain) => [`${chain.table} ${chain.name}`, chain]))
    this.#bases = rules
      .filter(({ base }) => base !== null)
      .sort((a, b) => (a.base?.priority ?? 0) - (b.base?.priority ?? 0))
  }

  /** Takes a flow through all chains of a hook. Throws TooManyRules. */
  through(hook: Hook, start: Flow): Ended[] {
    const over: Ended[] = []
    let on: Ended[] = [{ flow: start, isAccepted: true, rule: nothing }]
    for (const chain of this.#bases) {
      const { base } = chain
      if (base === null || base.hook !== hook || (base.type === 'nat' && !start.isNew)) continue
      const place = placeOf(base, start)
      if (place === 'elsewhere') continue
      const next: Ended[] = []
      for (const before of on) {
        if (!isWalked(base, before.flow)) next.push(before)
        else
          for (const end of this.#base(chain, before.flow, place))
            (end.isAccepted === true ? next : over).push(telling(before, end))
      }
      on = next
    }
    return [...over, ...on]
  }

  #base(chain: Chain, flow: Flow, place: Exclude<Place, 'elsewhere'>): Ended[] {
    const base = chain.base as BaseChain
    const policy = { text: `policy ${base.policy}`, table: chain.table, chain: chain.name }
    if (place === 'notFollowed') {
      const rule = chain.rules.find(({ steps }) => steps.some(hasEffect)) ?? policy
      return rule === policy && base.policy === 'accept'
        ? [{ flow, isAccepted: true, rule }]
        : [{ flow: { ...flow, guessed: flow.guessed ?? rule }, isAccepted: null, rule }]
    }
    const { ended, left } = this.#chain(chain, [place.enter(flow)], { depth: 0, base })
    const all = [...ended, ...left.map((each) => ({ flow: each, isAccepted: base.policy === 'accept', rule: policy }))]
    return all.map((end) => ({ ...end, flow: place.leave(end.flow, flow) }))
  }

  #chain(chain: Chain, flows: readonly Flow[], where: Where): Passed {
    const passed: Passed = { ended: [], left: [] }
    let on = flows
    for (const rule of chain.rules) {
      if (on.length === 0) break
      if (rule.steps.some(hasEffect)) on = joinAlike(this.#rule(rule, on, { passed, ...where }))
    }
    return { ...passed, left: joinAlike([...passed.left, ...on]) }
  }

  /** The flows that come to the next rule. */
  #rule(rule: Rule, flows: readonly Flow[], chain: InChain): Flow[] {
    const next: Flow[] = []
    let here = [...flows]
    for (const step of rule.steps) {
      let stay: Flow[] = []
      for (const flow of here) {
        if ('do' in step) stay = stay.concat(this.#act(step.do, flow, rule, chain))
        else if ('if' in step) {
          const { yes, no } = this.#split(step.if, flow, rule)
          if (yes !== null) stay.push(yes)
          if (no !== null) next.push(no)
        } else {
          let rest: Flow | null = flow
          for (const choice of step.firstOf) {
            if (rest === null) break
            const { yes, no }: Split = this.#split(choice.if, rest, rule)
            if (yes !== null) stay = stay.concat(this.#act(choice.do, yes, rule, chain))
            rest = no
          }
          if (rest !== null) stay.push(rest)
        }
      }
      here = stay
    }
    return [...next, ...here]
  }

  #split(condition: (flow: Flow, machine: Machine) => Split, flow: Flow, rule: Rule): Split {
    this.#spend(1)
    const { yes, no } = condition(flow, this.#machine)
    if (yes === null || no === null) return { yes, no }
    const isGuess = intersect(yes.peers, no.peers).length > 0
    const note = isGuess ? { guessed: flow.guessed ?? rule } : { parted: rule }
    return { yes: { ...yes, ...note }, no: { ...no, ...note } }
  }

  /** The flows that go on in the rule after this was done. */
  #act(action: Action, flow: Flow, rule: Rule, { passed, depth, base }: InChain): Flow[] {
    this.#spend(1)
    switch (action.kind) {
      case 'none':
        return [flow]
      case 'accept':
      case 'drop':
        passed.ended.push({ flow, isAccepted: action.kind === 'accept', rule })
        return []
      case 'return':
        passed.left.push(flow)
        return []
      case 'jump':
      case 'goto': {
        const target = this.#named.get(`${rule.table} ${action.chain}`)
        if (target === undefined || depth >= deepest) return this.#guess(flow, rule, passed)
        const { ended, left } = this.#chain(target, [flow], { depth: depth + 1, base })
        this.#spend(ended.length + left.length)
        for (const each of ended) passed.ended.push(each)
        if (action.kind === 'jump') return left
        for (const each of left) passed.left.push(each)
        return []
      }
      case 'translate':
        passed.ended.push({ flow: translated(flow, action, rule), isAccepted: true, rule })
        return []
      case 'translateSource':
        passed.ended.push({ flow: { ...flow, hasOwnSource: true }, isAccepted: true, rule })
        return []
      case 'untrack': {
        // Later it changes nothing, and of what follows the first packet it would leave the translation out.
        if (base.priority > trackingPriority) return [flow]
        const isClear = base.priority < trackingPriority && (flow.isNew || flow.translated === null)
        return isClear ? [{ ...flow, isTracked: false }] : this.#guess(flow, rule, passed)
      }
      case 'unknown':
        return this.#guess(flow, rule, passed)
      default:
        return [marked(flow, action)]
    }
  }

  #spend(steps: number): void {
    this.#left -= steps
    if (this.#left < 0) throw new TooManyRules()
  }

  #guess(flow: Flow, rule: Rule, passed: Passed): Flow[] {
    passed.ended.push({ flow: { ...flow, guessed: flow.guessed ?? rule }, isAccepted: null, rule })
    return []
  }
}

interface Passed {
  ended: Ended[]
  /** What fell off the end of a chain or was sent back. */
  left: Flow[]
}

/** The chain that the kernel entered, and how many jumps this is after it. */
interface Where {
  depth: number
  base: BaseChain
}

interface InChain extends Where {
  passed: Passed
}

const nothing: RuleRef = { text: '', table: '', chain: '' }

/** An accept by a rule says more than the policy of the next chain. */
const telling = (before: Ended, end: Ended): Ended =>
  end.isAccepted === true && end.rule.text === 'policy accept' && before.rule.text !== ''
    ? { ...end, rule: before.rule }
    : end

const hasEffect = (step: Rule['steps'][number]): boolean =>
  'firstOf' in step || ('do' in step && step.do.kind !== 'none')

function translated(flow: Flow, to: Action & { kind: 'translate' }, rule: RuleRef): Flow {
  return {
    ...flow,
    address: to.address ?? flow.address,
    port: to.port ?? flow.port,
    translated: { text: rule.text, table: rule.table, chain: rule.chain },
  }
}
