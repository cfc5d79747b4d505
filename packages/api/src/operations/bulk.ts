import { type AnyNoun, containerNoun, FlotillaError, imageNoun, PullInput, toFlotillaError } from '@flotilla/protocol'
import { z } from 'zod'
import type { ActorContext } from '../context.ts'
import { chooseEngine } from '../fleet/engine-choice.ts'
import { findObject } from '../fleet/lookup.ts'
import { readerOf } from '../nouns/sight.ts'
import { type PlannedStep, type StepCall, defineOperation } from './define.ts'

/** Most things that one call may be about. */
const most = 1000

const Method = z.enum(['containers.start', 'containers.stop', 'containers.restart', 'containers.remove', 'images.pull'])

const { start, stop, restart, remove } = containerNoun.methods
const permissions: Record<z.infer<typeof Method>, string> = {
  'containers.start': start.permission,
  'containers.stop': stop.permission,
  'containers.restart': restart.permission,
  'containers.remove': remove.permission,
  'images.pull': imageNoun.methods.pull.permission,
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
  return permissions[method]
}

/** Start, stop, restart or remove of many containers, or a pull on many hosts. Each is told what became of it. */
export const bulk = defineOperation<Input>({
  kind: 'bulk',
  input: Input,
  order: 'independent',
  perHost: 4,
  method: ({ method }) => method,
  permissions: (input) => [bulkPermission(input)],
  plan(ctx, input) {
    const steps = input.method === 'images.pull' ? pulls(ctx, input) : changes(ctx, input)
    const names = input.reference ?? steps.map(({ target }) => target).join(', ')
    return { target: names, steps }
  },
  keep: ({ credentials, ...input }) => ({
    ...input,
    withCredentials: credentials !== undefined || input.withCredentials,
  }),
  run: (call) => (call.input.method === 'images.pull' ? pull(call) : change(call, call.input.method)),
  // A pull leaves nothing half done. What is being stopped or restarted comes to its own end.
  breaksOff: ({ method }) => method === 'images.pull',
  isLong: (_step, { method }) => method === 'images.pull',
})

/** One of each, however often it is named; what is not there is told as its own failure. */
function changes(ctx: ActorContext, { ids }: Input): PlannedStep[] {
  const noun: AnyNoun = containerNoun
  return distinct(ids, (ref) => {
    const { host, row } = findObject(ctx.app.index, readerOf(ctx), noun, ref)
    const { engine, id, value } = row
    return {
      key: id,
      hostId: host.id,
      hostName: host.name,
      engine,
      nativeId: value.id,
      target: noun.view.names(value)[0] ?? value.id,
    }
  })
}

function pulls(ctx: ActorContext, { hostIds, engine: wanted, reference = '' }: Input): PlannedStep[] {
  return distinct(hostIds, (ref) => {
    const host = ctx.app.index.resolveHost(ctx.actor, ref)
    const place = { key: host.id, hostId: host.id, hostName: host.name, nativeId: null, target: reference }
    try {
      return { ...place, engine: chooseEngine(host, wanted, 'images.pull') }
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

async function change(call: Call, method: Exclude<Input['method'], 'images.pull'>): Promise<unknown> {
  const { ctx, step, input } = call
  const { hostId, engine, client } = placeOf(call)
  const id = step.nativeId ?? ''
  const options = call.optionsFor([permissions[method]], { kind: containerNoun.kind, id })
  const { index } = ctx.app
  if (method === 'containers.remove') {
    const { version } = await client.containers.remove({ id, force: input.force }, options)
    index.applyAnswer(hostId, containerNoun, { engine, id }, null, version)
    return undefined
  }
  const timeout = input.timeoutSeconds === undefined ? {} : { timeoutSeconds: input.timeoutSeconds }
  const { container, version } =
    method === 'containers.start'
      ? await client.containers.start({ id }, options)
      : method === 'containers.stop'
        ? await client.containers.stop({ id, ...timeout }, options)
        : await client.containers.restart({ id, ...timeout }, options)
  index.applyAnswer(hostId, containerNoun, { engine, id }, container, version)
  return undefined
}

async function pull(call: Call): Promise<unknown> {
  const { reference = '', platform, credentials, withCredentials } = call.input
  const { hostId, engine, client } = placeOf(call)
  // Without them it may only be joined where the host has begun it.
  if (withCredentials && credentials === undefined && !(await call.isKnown())) {
    throw new FlotillaError(
      'UNAUTHENTICATED',
      'The user name and password of the registry were typed in and are not kept. Enter them again.',
    )
  }
  const asked = { reference, platform, credentials }
  const { image, version } = await client.images.pull(asked, call.optionsFor([permissions['images.pull']]))
  call.ctx.app.index.applyAnswer(hostId, imageNoun, { engine, id: image.id }, image, version)
  return undefined
}

function placeOf({ ctx, step }: Call) {
  const { hostId, engine } = step
  if (hostId === null || engine === null) throw new FlotillaError('NOT_FOUND', 'There is no such host.')
  return { hostId, engine, client: ctx.app.gateway.for(hostId).engine(engine) }
}
