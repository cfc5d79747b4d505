import { type AnyNoun, PullInput, containerNoun, fail, imageNoun, toFlotillaError } from '@flotilla/protocol'
import { z } from 'zod'
import type { ActorContext } from '../context.ts'
import { chooseEngine } from '../fleet/engine-choice.ts'
import { findOnHost } from '../fleet/lookup.ts'
import { applied, callOf } from '../nouns/service.ts'
import { readerOf } from '../nouns/sight.ts'
import { type PlannedStep, type StepCall, defineOperation } from './define.ts'

/** Most things that one call may be about. */
const most = 1000

const Method = z.enum(['containers.start', 'containers.stop', 'containers.restart', 'containers.remove', 'images.pull'])
type Method = z.infer<typeof Method>

/** The facts of a method by its name. One with a target is about objects, one without about hosts. */
export function bulkMethod(name: Method) {
  const [plural = '', verb = ''] = name.split('.')
  const noun = [containerNoun, imageNoun].find((each: AnyNoun) => each.plural === plural) as AnyNoun | undefined
  const method = noun?.methods[verb]
  if (noun === undefined || method === undefined) throw new Error(`there is no method ${name}`)
  return { noun, verb, method }
}

const refs = z.array(z.string().min(1).max(128)).max(most).default([])

/** One change of many things. What is about another method than the one that is asked for is passed over. */
export const BulkInput = z.object({
  method: Method,
  ids: refs.describe('Containers, by id or name; for all but images.pull'),
  hostIds: refs.describe('Hosts, by id or name; for images.pull'),
  timeoutSeconds: z.number().int().min(0).max(3600).optional().describe('Of stop and restart'),
  force: z.boolean().default(false).describe('Of remove: running ones too'),
  reference: PullInput.shape.reference.optional().describe('Of images.pull'),
  platform: PullInput.shape.platform,
  engine: z.string().max(31).optional().describe('Of images.pull; left out: the first of each host that is ready'),
  credentials: PullInput.shape.credentials,
})

const Input = BulkInput.extend({
  /** A user name and password were typed; they are kept nowhere. */
  withCredentials: z.boolean().default(false),
})
type Input = z.infer<typeof Input>
type Call = StepCall<Input>

/** The right that the method needs, whatever it is about. */
export function bulkPermission({ method }: Pick<Input, 'method'>): string {
  return bulkMethod(method).method.permission
}

/** What is made on hosts leaves nothing half done where it is broken off. What changes an object comes to its own end. */
const isMaking = ({ method }: Input) => bulkMethod(method).method.target === undefined

/** Start, stop, restart or remove of many containers, or a pull on many hosts. Each is told what became of it. */
export const bulk = defineOperation<Input>({
  kind: 'bulk',
  input: Input,
  order: 'independent',
  perHost: 4,
  method: ({ method }) => method,
  permissions: (input) => [bulkPermission(input)],
  plan(ctx, input) {
    const steps = isMaking(input) ? onHosts(ctx, input) : onObjects(ctx, input)
    return { target: input.reference ?? steps.map(({ target }) => target).join(', '), steps }
  },
  keep: ({ credentials, ...input }) => ({
    ...input,
    withCredentials: credentials !== undefined || input.withCredentials,
  }),
  run,
  breaksOff: isMaking,
  isLong: (_step, input) => isMaking(input),
})

/** One of each, however often it is named; what is not there is told as its own failure. */
function onObjects(ctx: ActorContext, { method, ids }: Input): PlannedStep[] {
  const { noun } = bulkMethod(method)
  return distinct(ids, (ref) => {
    const { host, engine, row } = findOnHost(ctx.app.index, readerOf(ctx), noun, ref)
    const { id, value } = row
    const target = noun.view.names(value)[0] ?? value.id
    return { key: id, hostId: host.id, hostName: host.name, engine, nativeId: value.id, target }
  })
}

function onHosts(ctx: ActorContext, { method, hostIds, engine: wanted, reference = '' }: Input): PlannedStep[] {
  return distinct(hostIds, (ref) => {
    const host = ctx.app.index.resolveHost(ctx.actor, ref)
    const place = { key: host.id, hostId: host.id, hostName: host.name, nativeId: null, target: reference }
    try {
      return { ...place, engine: chooseEngine(host, wanted, method) }
    } catch (error) {
      return { ...place, engine: null, error: toFlotillaError(error) }
    }
  })
}

function distinct(refsAsked: readonly string[], plan: (ref: string) => PlannedStep): PlannedStep[] {
  const steps = new Map<string, PlannedStep>()
  for (const ref of refsAsked) {
    const step = planned(ref, plan)
    steps.set(step.key, step)
  }
  return [...steps.values()]
}

function planned(ref: string, plan: (ref: string) => PlannedStep): PlannedStep {
  try {
    return plan(ref)
  } catch (thrown) {
    const none = { hostId: null, hostName: null, engine: null, nativeId: null }
    return { ...none, key: ref, target: ref, error: toFlotillaError(thrown) }
  }
}

async function run(call: Call): Promise<undefined> {
  const { ctx, step, input } = call
  const { method: name, ids: _ids, hostIds: _hosts, engine: _engine, withCredentials, ...fields } = input
  const { noun, verb, method } = bulkMethod(name)
  const host = ctx.app.index.host(step.hostId ?? '')
  if (host === undefined || step.engine === null) throw fail('fleet.noSuchHost')
  // Without them it may only be joined where the host has begun it.
  if (withCredentials && fields.credentials === undefined && !(await call.isKnown())) {
    throw fail('operation.typedLogin')
  }
  const place = { host, engine: step.engine }
  const { target } = method
  if (target === undefined || step.nativeId === null) {
    const answer = await callOf(ctx, place, noun, verb)(fields, call.optionsFor([method.permission]))
    applied(ctx, { noun, method }, place, answer)
    return undefined
  }
  const options = call.optionsFor([method.permission], { kind: target.kind, id: step.nativeId })
  const answer = await callOf(ctx, place, noun, verb)({ ...fields, [target.field]: step.nativeId }, options)
  const value = { id: step.nativeId, engine: step.engine }
  const row = { id: step.key, hostId: host.id, engine: step.engine, value, epoch: '', sequence: 0, observedAt: 0 }
  applied(ctx, { noun, method }, { ...place, row }, answer)
  return undefined
}
