import { Container, ContainerSpec, containerNoun, fail, retainedRow } from '@flotilla/protocol'
import { z } from 'zod'
import { idAfter } from '../fleet/call-options.ts'
import { holderOf } from '../fleet/lookup.ts'
import { requireNamed } from '../nouns/named-objects.ts'
import { carried, placeOnHost } from '../nouns/place.ts'
import { hostFactsOf } from '../nouns/sight.ts'
import { type StepCall, defineOperation } from './define.ts'

const Input = z.object({ hostId: z.string(), engine: z.string().optional(), spec: ContainerSpec })
type Call = StepCall<z.infer<typeof Input>>

const { create: making, start: starting, remove: removing } = containerNoun.methods

/** What a step came to: which container it was. What that looks like is read where somebody asks. */
export const Made = z.object({ container: z.looseObject(Container.pick({ id: true, engine: true }).shape) })
export type Made = z.infer<typeof Made>

/** A container that is made and then started. What cannot start is taken back, so that the same input, put right, finds its name free. */
export const createAndStart = defineOperation({
  kind: 'create-and-start',
  input: Input,
  order: 'sequence',
  perHost: 16,
  method: () => 'containers.create',
  permissions: ({ spec }) => createPermissions(spec),
  plan(ctx, { hostId, engine: wanted, spec }) {
    const place = placeOnHost(ctx, { hostId, engine: wanted }, 'containers.create', making, spec)
    requireNamed(ctx, place, making, spec)
    const { host, engine } = place
    const target = spec.name ?? spec.image
    const step = { hostId: host.id, hostName: host.name, engine, nativeId: null, target }
    return {
      target,
      steps: [
        { ...step, key: 'create' },
        { ...step, key: 'start' },
      ],
    }
  },
  run: (call) => (call.step.key === 'create' ? create(call) : start(call)),
  undo: takeBack,
  breaksOff: () => true,
  isLong: ({ key }) => key === 'create',
})

/** With the one for more than its own world, where the container asks for that. */
function createPermissions(spec: ContainerSpec): string[] {
  const { privileged } = making
  const isPrivileged = privileged !== undefined && privileged.reasons(spec).length > 0
  return isPrivileged ? [making.permission, privileged.permission] : [making.permission]
}

async function create(call: Call): Promise<Made> {
  const { spec } = call.input
  const { host, engine, client } = placeOf(call)
  await requireNamedStill(call, { host, holder: holderOf(host, engine), engine })
  const permissions = [...createPermissions(spec), ...carried(call.ctx, making, hostFactsOf(host))]
  const { container, version } = await client.containers.create(spec, call.optionsFor(permissions))
  call.ctx.app.index.applyAnswer(host.id, containerNoun, { engine, id: container.id }, container, version)
  return { container: retainedRow(container) }
}

/** The rights may have changed since the plan; what the host has begun is gone on with. */
async function requireNamedStill(call: Call, place: Parameters<typeof requireNamed>[1]): Promise<void> {
  try {
    requireNamed(call.ctx, place, making, call.input.spec)
  } catch (error) {
    if (!(await call.isKnown())) throw error
  }
}

async function start(call: Call): Promise<Made> {
  const { host, engine, client } = placeOf(call)
  const { id } = Made.parse(call.outcomeOf('create')).container
  const options = call.optionsFor([starting.permission], { kind: containerNoun.kind, id })
  const { container, version } = await client.containers.start({ id }, options)
  call.ctx.app.index.applyAnswer(host.id, containerNoun, { engine, id }, container, version)
  return { container: retainedRow(container) }
}

/** With its volumes without a name, which were made for it. Without force: one that did start, its answer lost on the way, stays. */
async function takeBack(call: Call): Promise<void> {
  const { app } = call.ctx
  const made = Made.safeParse(call.outcomeOf('create')).data?.container
  if (made === undefined) return
  try {
    const { host, engine, client } = placeOf(call)
    const asked = call.optionsFor([removing.permission], { kind: containerNoun.kind, id: made.id })
    const options = { ...asked, operationId: idAfter(call.operationId, 'take back') }
    const { version } = await client.containers.remove({ id: made.id, force: false, volumes: true }, options)
    app.index.applyAnswer(host.id, containerNoun, { engine, id: made.id }, null, version)
  } catch (failure) {
    call.signal.throwIfAborted()
    app.log.warn({ err: failure, container: made.id }, 'a container that did not start could not be taken back')
  }
}

function placeOf({ ctx, step }: Call) {
  const host = ctx.app.index.host(step.hostId ?? '')
  if (host === undefined || step.engine === null) throw fail('fleet.noSuchHost')
  return { host, engine: step.engine, client: ctx.app.gateway.for(host.id).engine(step.engine) }
}
