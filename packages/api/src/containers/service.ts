import {
  type Container,
  type ContainerListQuery,
  ContainerSpec,
  type FleetContainer,
  FlotillaError,
  type KernelView,
  type Version,
} from '@flotilla/protocol'
import type { z } from 'zod'
import type { ActorContext } from '../context.ts'
import { changeOptions, idAfter, readOptions } from '../fleet/call-options.ts'
import { queryContainers } from '../fleet/container-query.ts'
import { chooseEngine } from '../fleet/engine-choice.ts'
import type { HostEntry } from '../fleet/host-entry.ts'
import { type Found, findContainer } from '../fleet/lookup.ts'
import type { Page } from '../fleet/page.ts'
import { toFleetContainer } from '../fleet/views.ts'
import { watchOperation } from '../operations/watch.ts'
import { requireCreate } from './policy.ts'
import type { ChangeVerb, CreateInput, EngineInputs, FleetContainerDetail } from './shapes.ts'

export function listContainers(ctx: ActorContext, query: ContainerListQuery): Page<FleetContainer> {
  return queryContainers(ctx.app.index, ctx.actor, query)
}

/** The container's host asked now; where it is away, the last known state with its age. */
export async function inspectContainer(ctx: ActorContext, ref: string): Promise<FleetContainerDetail> {
  const { host, row } = findContainer(ctx.app.index, ctx.actor, ref)
  if (host.isStale(row.value.engine)) return { ...toFleetContainer(host, row), detail: null }
  try {
    const engine = ctx.app.gateway.for(host.id).engine(row.value.engine)
    const { container, ...detail } = await engine.containers.inspect({ id: row.value.id }, readOptions(ctx))
    const now = { ...row, value: container, observedAt: Date.now() }
    return { ...toFleetContainer(host, now), detail }
  } catch (error) {
    if (!(error instanceof FlotillaError) || (error.code !== 'UNAVAILABLE' && error.code !== 'TIMEOUT')) throw error
    return { ...toFleetContainer(host, row), stale: true, staleReason: error.message, detail: null }
  }
}

export async function kernelView(ctx: ActorContext, ref: string): Promise<KernelView> {
  const { host, row } = findContainer(ctx.app.index, ctx.actor, ref)
  const engine = ctx.app.gateway.for(host.id).engine(row.value.engine)
  return engine.containers.kernel({ id: row.value.id }, readOptions(ctx))
}

export async function createContainer(ctx: ActorContext, input: z.output<typeof CreateInput>): Promise<FleetContainer> {
  const { hostId, engine: engineId, operationId, start, ...rest } = input
  const spec = ContainerSpec.parse(rest)
  requireCreate(ctx.actor, spec)
  const host = ctx.app.index.resolveHost(ctx.actor, hostId)
  const handle = ctx.app.gateway.for(host.id)
  const engine = chooseEngine(host, engineId, 'containers.create')
  const options = changeOptions(ctx, operationId)
  const watching = watchOperation(ctx, host, options.operationId)
  try {
    const { container, version } = await handle.engine(engine).containers.create(spec, options)
    ctx.app.index.timeline.made(host, engine, container.id, ctx.actor.name)
    const made = taken(ctx, host, container, version)
    return start ? await startMade(ctx, host, container, options.operationId) : made
  } finally {
    watching.stop()
  }
}

/** Starts what was just made. What cannot start is taken back, so that the same wish, put right, finds its name free. */
async function startMade(
  ctx: ActorContext,
  host: HostEntry,
  { id, engine: engineId }: Container,
  createId: string,
): Promise<FleetContainer> {
  const engine = ctx.app.gateway.for(host.id).engine(engineId)
  try {
    const { container, version } = await engine.containers.start({ id }, changeOptions(ctx, idAfter(createId, 'start')))
    return taken(ctx, host, container, version)
  } catch (error) {
    try {
      // Without force: one that did start, its answer lost on the way, stays.
      const options = changeOptions(ctx, idAfter(createId, 'take back'))
      const { version } = await engine.containers.remove({ id, force: false }, options)
      ctx.app.index.applyContainer(host.id, engineId, id, null, version)
    } catch (failure) {
      ctx.app.log.warn({ err: failure, container: id }, 'a container that did not start could not be taken back')
    }
    throw error
  }
}

export async function changeContainer<Verb extends ChangeVerb>(
  ctx: ActorContext,
  verb: Verb,
  input: EngineInputs[Verb] & { operationId?: string | undefined },
): Promise<FleetContainer> {
  const { id, operationId, ...rest } = input
  const found = findContainer(ctx.app.index, ctx.actor, id)
  const engine = ctx.app.gateway.for(found.host.id).engine(found.row.value.engine)
  expectEvent(ctx, found)
  const { container, version } = await engine.containers[verb](
    { ...rest, id: found.row.value.id },
    changeOptions(ctx, operationId),
  )
  return taken(ctx, found.host, container, version)
}

/** Removing what is known to be gone already is no failure; what was never known is NOT_FOUND. */
export async function removeContainer(
  ctx: ActorContext,
  input: { id: string; force: boolean; operationId?: string | undefined },
): Promise<{ id: string }> {
  const found = findContainer(ctx.app.index, ctx.actor, input.id)
  const { engine, id: nativeId } = found.row.value
  expectEvent(ctx, found)
  const { version } = await ctx.app.gateway
    .for(found.host.id)
    .engine(engine)
    .containers.remove({ id: nativeId, force: input.force }, changeOptions(ctx, input.operationId))
  ctx.app.index.applyContainer(found.host.id, engine, nativeId, null, version)
  return { id: found.row.id }
}

function expectEvent(ctx: ActorContext, { host, row }: Found<Container>): void {
  ctx.app.index.timeline.expect(host.id, row.value.engine, row.value.id, ctx.actor.name)
}

/** Takes a change's answer into the index before its caller gets it: a list right after is not older. */
function taken(ctx: ActorContext, host: HostEntry, container: Container, version?: Version): FleetContainer {
  ctx.app.index.applyContainer(host.id, container.engine, container.id, container, version)
  const id = host.containers.idOf(container.engine, container.id)
  const row = { id, hostId: host.id, value: container, epoch: '', sequence: 0, observedAt: Date.now() }
  return toFleetContainer(host, row)
}
