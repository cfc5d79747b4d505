import type { StepRow } from '@flotilla/db'
import {
  type FlotillaError,
  type ManyMethod,
  PullInput,
  type Row,
  fail,
  manyMethods,
  registry,
  text,
  toFlotillaError,
} from '@flotilla/protocol'
import { z } from 'zod'
import type { App } from '../app.ts'
import type { ActorContext } from '../context.ts'
import { chooseEngine } from '../fleet/engine-choice.ts'
import type { HostEntry } from '../fleet/host-entry.ts'
import { findOnHost } from '../fleet/lookup.ts'
import { applied, callOf } from '../nouns/service.ts'
import { readerOf } from '../nouns/sight.ts'
import { type PlannedStep, type StepCall, defineOperation } from './define.ts'

/** Most things that one call may be about. */
const most = 1000

/** The facts of a method by its name. One with a target is about objects, one without about hosts. */
export function bulkMethod(name: ManyMethod) {
  const [noun, method] = [registry.nounOf(name), registry.method(name)]
  if (noun === undefined || method === undefined) throw new Error(`there is no method ${name}`)
  return { noun, verb: name.slice(noun.plural.length + 1), method }
}

const Ref = text(300).min(1)
const refs = z.array(Ref).max(most).default([])
const names = z
  .record(Ref, text(300).min(1))
  .refine((known) => Object.keys(known).length <= most, { error: 'input.tooMany', params: { most } })
  .default({})

/** One change of many things. What is about another method than the one that is asked for is passed over. */
export const BulkInput = z.object({
  method: z.enum(manyMethods as [ManyMethod, ...ManyMethod[]]),
  ids: refs.describe(
    "Objects of the method's noun, by id, twelve or more digits of it, or name; for all but images.pull",
  ),
  names: names.describe('What the caller calls them, by what stands in ids; what is gone already is told by it'),
  hostIds: refs.describe('Hosts, by id or name; for images.pull'),
  timeoutSeconds: z.number().int().min(0).max(3600).optional().describe('Of stop and restart'),
  force: z.boolean().default(false).describe('Of remove: running containers too, and images that containers need'),
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

/** A change of many objects, or a pull on many hosts: what its method says by `many`. Each is told what became of it. */
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
  after: leadersOf,
  keep: ({ credentials, ...input }) => ({
    ...input,
    withCredentials: credentials !== undefined || input.withCredentials,
  }),
  run,
  breaksOff: isMaking,
  isLong: (_step, input) => isMaking(input),
})

/** One of each, however often it is named; what is not there is told as its own failure. */
function onObjects(ctx: ActorContext, { method, ids, names: known }: Input): PlannedStep[] {
  const { noun, method: change } = bulkMethod(method)
  return distinct(ids, (ref) => {
    const name = Object.hasOwn(known, ref) ? known[ref] : undefined
    try {
      const { host, engine, row } = findOnHost(ctx.app.index, readerOf(ctx), noun, ref, change)
      const { id, value } = row
      const target = noun.view.names(value)[0] ?? name ?? value.id
      return { key: id, hostId: host.id, hostName: host.name, engine, nativeId: value.id, target }
    } catch (thrown) {
      const error = toFlotillaError(thrown)
      const isGone = error.code === 'NOT_FOUND' && name !== undefined
      return unplanned(ref, name ?? ref, isGone ? fail('fleet.noObject', { kind: noun.kind, ref: name }) : error)
    }
  })
}

/** Those of its own engine that it follows: a container whose network it shares is there before it. */
function leadersOf(app: App, step: Readonly<StepRow>, steps: readonly StepRow[], { method: name }: Input): StepRow[] {
  const { noun, method } = bulkMethod(name)
  if (method.inOrder !== true || noun.follows === undefined) return []
  const rowOf = ({ hostId, engine, nativeId }: Readonly<StepRow>): Row | undefined =>
    hostId === null || engine === null || nativeId === null
      ? undefined
      : (app.index.host(hostId)?.locate(noun.kind, engine, nativeId)?.row.value as Row | undefined)
  const row = rowOf(step)
  const refs = row === undefined ? [] : noun.follows(row)
  if (refs.length === 0) return []
  const isFollowed = (other: StepRow) => {
    const leader = rowOf(other)
    return leader !== undefined && refs.some((ref) => ref === leader.id || noun.view.names(leader).includes(ref))
  }
  return steps.filter((one) => one.hostId === step.hostId && one.engine === step.engine && isFollowed(one))
}

function onHosts(ctx: ActorContext, { method, hostIds, engine: wanted, reference = '' }: Input): PlannedStep[] {
  return distinct(hostIds, (ref) => {
    const host = hostOf(ctx, ref)
    if (!('id' in host)) return host
    const place = { key: host.id, hostId: host.id, hostName: host.name, nativeId: null, target: reference }
    try {
      return { ...place, engine: chooseEngine(host, wanted, method) }
    } catch (error) {
      return { ...place, engine: null, error: toFlotillaError(error) }
    }
  })
}

function hostOf(ctx: ActorContext, ref: string): HostEntry | PlannedStep {
  try {
    return ctx.app.index.resolveHost(readerOf(ctx), ref)
  } catch (thrown) {
    return unplanned(ref, ref, toFlotillaError(thrown))
  }
}

function distinct(refsAsked: readonly string[], plan: (ref: string) => PlannedStep): PlannedStep[] {
  const steps = refsAsked.map((ref) => plan(ref))
  return [...new Map(steps.map((step) => [step.key, step])).values()]
}

/** What cannot be found, by what it is called where the caller says so. */
function unplanned(ref: string, target: string, error: FlotillaError): PlannedStep {
  return { key: ref, hostId: null, hostName: null, engine: null, nativeId: null, target, error }
}

async function run(call: Call): Promise<undefined> {
  const { ctx, step, input } = call
  const { method: name, ids: _ids, names: _names, hostIds: _hosts, engine: _engine, withCredentials, ...fields } = input
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
