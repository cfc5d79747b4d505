import { type AnyHandler, type Engine, guard, guardObject, handlerOf } from '@flotilla/engine'
import { type Service, service } from '@flotilla/link'
import {
  type AnyNoun,
  type Call,
  type Method,
  type MethodTable,
  type PartialHandlers,
  type Registry,
  type Row,
  type Version,
  fail,
  secretTexts,
  systemScope,
  withoutDefaults,
  withoutSecretInput,
  withoutTexts,
} from '@flotilla/protocol'
import type { Disks } from './disks.ts'
import type { EngineHealth } from './engine-health.ts'
import type { Attribution } from './operations/attribution.ts'
import type { HeldObject } from './operations/retained-answer.ts'
import type { Operations } from './operations/operations.ts'
import { fitting } from './watch/fitting.ts'
import type { WatchHub } from './watch/hub.ts'

interface Parts {
  operations: Operations
  hub: WatchHub
  attribution: Attribution
  nouns: Registry
  disks: Disks
}

/**
 * Wraps an engine for callers that are not trusted: rights, capabilities, whether it can be asked now, the journal, versions
 * in the answers.
 */
export function dispatcher(health: EngineHealth, parts: Parts): Service {
  const { nouns } = parts
  const { engine } = health
  const handlers: Record<string, Record<string, AnyHandler>> = {}
  for (const name of nouns.methodNames) {
    const method = nouns.method(name)
    const handler = handlerOf(engine, name, nouns)
    if (method === undefined || handler === undefined) continue
    const [noun = '', verb = ''] = name.split('.')
    handlers[noun] ??= {}
    handlers[noun][verb] = wrap({ engine, health, name, method, noun: nouns.nounOf(name), handler, ...parts })
  }
  return service(nouns.methods, handlers as unknown as PartialHandlers<MethodTable>, () => engine.absences())
}

interface Wrapped extends Parts {
  engine: Engine
  health: EngineHealth
  name: string
  method: Method
  noun: AnyNoun | undefined
  handler: AnyHandler
}

function wrap(wrapped: Wrapped): AnyHandler {
  const { engine, health, name, method, noun, handler, operations, attribution, disks, nouns } = wrapped
  return (input, ...rest) => {
    const call = rest.at(-1) as Call
    checkPermissions(method, input, call)
    guard(engine, name, input, nouns)
    const target = targetOf(wrapped, input)
    checkObject(method, input, target?.row, call)
    if (target !== undefined) guardObject(target.noun.view.title(target.row), target.row, name)
    if (method.change !== true) {
      if (!isAnswered(method)) {
        return health.stream(() => handler(input, ...rest) as AsyncIterable<unknown>, call.signal)
      }
      const answer = health
        .untilReady(call.signal)
        .then(() => health.whileAnswering(handler(input, ...rest) as Promise<unknown>))
      if (method.answers === undefined) return answer
      return answer.then((given) => stamp(wrapped, target?.row, given, call))
    }
    const texts = secretTexts(method.input, input)
    const outcome = operations.run({
      method: name,
      engine: engine.id,
      target:
        method.title?.(withoutSecretInput(method.input, input)) ??
        target?.noun.view.title(target.row) ??
        refOf(method, input) ??
        '',
      object: target === undefined ? null : { kind: target.noun.kind, id: target.row.id },
      input,
      asked: withoutDefaults(method.input, input),
      shape: method.input,
      call,
      readsStream: method.kind === 'upload',
      holds: heldObject(wrapped),
      made: (answer) => {
        const row = noun === undefined ? undefined : rowIn(noun, answer)
        return noun === undefined || row === undefined ? null : { kind: noun.kind, id: row.id }
      },
      work: async (own) => {
        await health.untilReady(own.signal)
        if (method.fills === true) await disks.need(engine)
        const progress: Call['progress'] = (step) => own.progress(withoutTexts(step, texts))
        const cause = attribution.begin({
          engine: engine.id,
          kind: noun?.kind ?? '',
          id: target?.row.id,
          actions: method.causes ?? [],
          actor: own.scope.actor,
          operationId: own.operationId,
        })
        try {
          const answer = await handler(input, ...rest.slice(0, -1), { ...own, progress })
          if (noun !== undefined && target === undefined) cause.named(rowIn(noun, answer)?.id ?? '')
          return stamp(wrapped, target?.row, answer, own)
        } catch (error) {
          throw await disks.inWords(engine, error)
        } finally {
          cause.end()
        }
      },
    })
    return health.whileAnswering(outcome)
  }
}

/** One answer is waited for, where others give many, each as it comes. */
function isAnswered({ kind }: Method): boolean {
  return kind === 'unary' || kind === 'upload'
}

/** The agent is root and believes nobody: what the method asks for must be in the caller's scope. */
export function checkPermissions(method: Method, input: unknown, { scope }: Call): void {
  if (!scope.permissions.includes(method.permission)) {
    throw fail('access.needsRight', { permission: method.permission })
  }
  const reasons = method.privileged?.reasons(input) ?? []
  if (method.privileged === undefined || reasons.length === 0) return
  if (scope.permissions.includes(method.privileged.permission)) return
  throw fail('access.needsAdmin', { reasons: reasons.join(', ') })
}

/** A scope that is for one object is good for no other. */
function checkObject(method: Method, input: unknown, row: Row | undefined, { scope }: Call): void {
  const { object } = scope
  if (object === undefined || method.target?.kind !== object.kind) return
  if ((row?.id ?? refOf(method, input)) === object.id) return
  throw fail('access.otherObject')
}

/** What the input names, by whatever it may be called. */
function refOf(method: Method, input: unknown): string | undefined {
  if (method.target === undefined) return undefined
  const ref = (input as Record<string, unknown>)[method.target.field]
  return typeof ref === 'string' ? ref : undefined
}

/** The object that the input names, as last known. */
function targetOf({ hub, engine, method, nouns }: Wrapped, input: unknown): { noun: AnyNoun; row: Row } | undefined {
  const ref = refOf(method, input)
  const noun = nouns.byKind.get(method.target?.kind ?? '')
  if (ref === undefined || noun === undefined) return undefined
  const row = hub.find(engine.id, noun.kind, ref)
  return row === undefined ? undefined : { noun, row }
}

/** The noun whose row an answer of the method holds. */
function heldNoun({ method: { answers }, noun, nouns }: Wrapped): AnyNoun | undefined {
  if (answers === 'row') return noun
  return typeof answers === 'object' && 'row' in answers ? nouns.byKind.get(answers.row) : undefined
}

/** How the object of an answer is read for the repeat of its call: as last known, or of its engine. */
function heldObject(wrapped: Wrapped): HeldObject | undefined {
  const { hub, engine, health, nouns } = wrapped
  const noun = heldNoun(wrapped)
  if (noun === undefined) return undefined
  return {
    kind: noun.kind,
    read: async (id, signal) => {
      await health.untilReady(signal)
      const known = hub.find(engine.id, noun.kind, id)
      if (known?.id === id) return { row: known, version: hub.version }
      const name = `${noun.plural}.inspect`
      const inspect = handlerOf(engine, name, nouns)
      const call: Call = { signal, scope: systemScope, operationId: '', progress: () => {} }
      const row = rowIn(noun, await inspect?.(nouns.method(name)?.input.parse({ id }), call))
      if (row === undefined) throw fail('operation.objectGone')
      return { row: fitting(noun, row) ?? row }
    },
  }
}

/** The row that an answer holds under its noun's kind. */
function rowIn(noun: AnyNoun, answer: unknown): Row | undefined {
  const row = (answer as Record<string, unknown> | null)?.[noun.kind]
  return typeof row === 'object' && row !== null ? (row as Row) : undefined
}

/**
 * Takes what the answer says into the hub, so that the answer can say where it stands. What happened is told by the engine's
 * own event; an engine that has none is spoken for.
 */
function stamp(wrapped: Wrapped, target: Row | undefined, answer: unknown, call: Call): unknown {
  const { hub, engine, method } = wrapped
  const { answers } = method
  const held = heldNoun(wrapped)
  const noun = held ?? wrapped.noun
  if (noun === undefined || answers === undefined) return answer
  const action = engine.events?.watch === undefined ? (method.causes?.[0] ?? '') : ''
  const reported = {
    ...{ kind: noun.kind, action, at: new Date().toISOString() },
    ...{ actor: call.scope.actor, operationId: call.operationId },
  }
  const stamped = (version: Version) => ({ ...(answer as object), version })
  if (held !== undefined) {
    const whole = rowIn(noun, answer)
    if (whole === undefined) return answer
    const row = fitting(noun, whole) ?? whole
    const known = hub.find(engine.id, noun.kind, row.id)
    // What only looks brings back nothing that has gone meanwhile.
    if (method.change !== true && known === undefined) return { ...(answer as object), [noun.kind]: undefined }
    // It may have gone on while the answer was on its way: its event was first, and is newer.
    const isPast = known !== undefined && noun.isNewer?.(known, row) === true
    const version = isPast ? hub.version : hub.apply(engine.id, { ...reported, id: row.id, row })
    return { ...(answer as object), [noun.kind]: row, version }
  }
  if (answers === 'gone') {
    return stamped(target === undefined ? hub.version : hub.apply(engine.id, { ...reported, id: target.id, row: null }))
  }
  if (typeof answers === 'string' || !('gone' in answers)) return answer
  for (const id of answers.gone(answer)) hub.apply(engine.id, { ...reported, id, row: null })
  return stamped(hub.version)
}
