import { type Container, containerNoun, ContainerSpec, type FleetContainer } from '@flotilla/protocol'
import type { z } from 'zod'
import { scopeFor } from '@flotilla/auth'
import type { ActorContext } from '../context.ts'
import { changeOptions, idAfter } from '../fleet/call-options.ts'
import { type Place, placeOnHost } from '../nouns/place.ts'
import { takeRow } from '../nouns/service.ts'
import { watchOperation } from '../operations/watch.ts'
import type { CreateInput } from './shapes.ts'

const { create, start: begin, remove } = containerNoun.methods

/** Makes a container and, where asked to, starts it; one that cannot start is taken back. */
export async function createContainer(ctx: ActorContext, input: z.output<typeof CreateInput>): Promise<FleetContainer> {
  const { hostId, engine, operationId, start, ...rest } = input
  const spec = ContainerSpec.parse(rest)
  const place = placeOnHost(ctx, { hostId, engine }, 'containers.create', create, spec)
  const options = changeOptions(ctx, place.scope, operationId)
  const watching = watchOperation(ctx, place.host, options.operationId)
  try {
    const { container, version } = await place.client.containers.create(spec, options)
    const made = takeRow(ctx, containerNoun, place, container, version)
    return start ? await startMade(ctx, place, container, options.operationId) : made
  } finally {
    watching.stop()
  }
}

/** Starts what was just made. What cannot start is taken back, so that the same wish, put right, finds its name free. */
async function startMade(
  ctx: ActorContext,
  place: Place,
  { id }: Container,
  createId: string,
): Promise<FleetContainer> {
  const { containers } = place.client
  const optionsFor = (permission: string, step: string) =>
    changeOptions(ctx, scopeFor(ctx.actor, [permission], { kind: containerNoun.kind, id }), idAfter(createId, step))
  try {
    const { container, version } = await containers.start({ id }, optionsFor(begin.permission, 'start'))
    return takeRow(ctx, containerNoun, place, container, version)
  } catch (error) {
    try {
      // Without force: one that did start, its answer lost on the way, stays.
      const { version } = await containers.remove({ id, force: false }, optionsFor(remove.permission, 'take back'))
      ctx.app.index.applyAnswer(place.host.id, containerNoun, { engine: place.engine, id }, null, version)
    } catch (failure) {
      ctx.app.log.warn({ err: failure, container: id }, 'a container that did not start could not be taken back')
    }
    throw error
  }
}
