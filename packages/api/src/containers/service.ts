import { randomUUID } from 'node:crypto'
import { Container, containerNoun, ContainerSpec, type FleetContainer, FlotillaError } from '@flotilla/protocol'
import type { z } from 'zod'
import type { ActorContext } from '../context.ts'
import { changeOptions } from '../fleet/call-options.ts'
import type { HostEntry } from '../fleet/host-entry.ts'
import { findObject, holderOf } from '../fleet/lookup.ts'
import { toFleetRow } from '../fleet/views.ts'
import { requireNamed } from '../nouns/named-objects.ts'
import { placeOnHost } from '../nouns/place.ts'
import { rowOf, takeRow } from '../nouns/service.ts'
import { readerOf } from '../nouns/sight.ts'
import { createAndStart, Made } from '../operations/create-and-start.ts'
import { endedOperation, startOperation } from '../operations/start.ts'
import { watchOperation } from '../operations/watch.ts'
import type { CreateInput } from './shapes.ts'

const { create } = containerNoun.methods

/** Makes a container and, where asked to, starts it; one that cannot start is taken back. */
export async function createContainer(ctx: ActorContext, input: z.output<typeof CreateInput>): Promise<FleetContainer> {
  const { hostId, engine, operationId, start, ...rest } = input
  const spec = ContainerSpec.parse(rest)
  if (start) return createAndStarted(ctx, { hostId, engine, spec, operationId })
  const place = placeOnHost(ctx, { hostId, engine }, 'containers.create', create, spec)
  requireNamed(ctx, place, create, spec)
  const options = changeOptions(ctx, place.scope, operationId)
  const watching = watchOperation(ctx, place.host, options.operationId)
  try {
    const { container, version } = await place.client.containers.create(spec, options)
    return takeRow(ctx, containerNoun, place, container, version)
  } finally {
    watching.stop()
  }
}

/** Goes on where this process ends in the middle; a repeat with the same id joins it, or gets what it came to. */
async function createAndStarted(
  ctx: ActorContext,
  input: { hostId: string; engine: string | undefined; spec: ContainerSpec; operationId: string | undefined },
): Promise<FleetContainer> {
  const { hostId, engine, spec, operationId } = input
  const host = ctx.app.index.resolveHost(readerOf(ctx), hostId)
  const id = operationId ?? ctx.operationId ?? randomUUID()
  await startOperation(ctx, createAndStart, { hostId: host.id, engine, spec }, id)
  ctx.reported?.()
  const { error, steps } = await endedOperation(ctx.app, ctx.actor, id)
  if (error !== null) throw FlotillaError.fromInfo(error)
  return rowNow(ctx, host, Made.parse(steps.at(-1)?.outcome).container)
}

/** A container as it is known now; one that is gone since as it was then, where that was kept. */
function rowNow(ctx: ActorContext, host: HostEntry, made: Made['container']): FleetContainer {
  const { index } = ctx.app
  const id = holderOf(host, made.engine).idOf(containerNoun.kind, made.engine, made.id)
  try {
    const { holder, row } = findObject(index, readerOf(ctx), containerNoun, id, {})
    return toFleetRow(containerNoun, holder, row, readerOf(ctx).sees)
  } catch (error) {
    const then = Container.safeParse(made).data
    if (then === undefined) throw error
    return rowOf(ctx, containerNoun, { host, engine: made.engine }, then)
  }
}
