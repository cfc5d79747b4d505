import {
  type AnyHandler,
  type Engine,
  engineMethod,
  engineMethodNames,
  guard,
  guardObject,
  handlerOf,
} from '@flotilla/engine'
import { type Service, service } from '@flotilla/link'
import {
  type Call,
  type Container,
  ContainerSpec,
  type EngineMethods,
  engineMethods,
  FlotillaError,
  type Image,
  type ImageRemoval,
  type Method,
  type PartialHandlers,
  privilegedReasons,
  type Version,
} from '@flotilla/protocol'
import type { Operations } from './operations/operations.ts'
import type { WatchHub } from './watch/hub.ts'

interface Parts {
  operations: Operations
  hub: WatchHub
}

/** Wraps an engine for callers that are not trusted: rights, capabilities, the journal, versions in the answers. */
export function dispatcher(engine: Engine, parts: Parts): Service {
  const handlers: Record<string, Record<string, AnyHandler>> = {}
  for (const name of engineMethodNames) {
    const method = engineMethod(name)
    const handler = handlerOf(engine, name)
    if (method === undefined || handler === undefined) continue
    const [noun = '', verb = ''] = name.split('.')
    handlers[noun] ??= {}
    handlers[noun][verb] = wrap({ engine, name, method, handler, ...parts })
  }
  return service(engineMethods, handlers as unknown as PartialHandlers<EngineMethods>, () => engine.absences())
}

interface Wrapped extends Parts {
  engine: Engine
  name: string
  method: Method
  handler: AnyHandler
}

function wrap(wrapped: Wrapped): AnyHandler {
  const { engine, name, method, handler, operations } = wrapped
  return (input, ...rest) => {
    const call = rest.at(-1) as Call
    checkScope(method, name, input, call)
    guard(engine, name, input)
    const target = targetOf(wrapped, input)
    if (target !== undefined) guardObject(target, name)
    if (method.change !== true) return handler(input, ...rest)
    return operations.run({
      method: name,
      engine: engine.id,
      target: target?.name ?? describe(input),
      input,
      call,
      work: async (own) => stamp(wrapped, input, target, await handler(input, own)),
    })
  }
}

/** The agent is root and believes nobody: the right that the method names must be in the caller's scope. */
export function checkScope(method: Method, name: string, input: unknown, call: Call): void {
  if (!call.scope.permissions.includes(method.permission)) {
    throw new FlotillaError('PERMISSION_DENIED', `This needs the right ${method.permission}.`)
  }
  if (name !== 'containers.create') return
  const reasons = privilegedReasons(ContainerSpec.parse(input))
  if (reasons.length === 0 || call.scope.permissions.includes('containers.create.privileged')) return
  throw new FlotillaError('PERMISSION_DENIED', `Only owners and admins may use ${reasons.join(', ')}.`)
}

/** The container that the input's `id` names, where the method is about one. */
function targetOf({ hub, engine, name }: Wrapped, input: unknown): Container | undefined {
  if (!name.startsWith('containers.') && name !== 'exec.create' && name !== 'exec.list') return undefined
  const { id } = input as { id?: unknown }
  return typeof id === 'string' ? hub.find(engine.id, id) : undefined
}

function describe(input: unknown): string {
  const { name, image, reference, id, session } = input as Record<string, unknown>
  const first = [name, reference, id, session, image].find((one) => typeof one === 'string')
  return typeof first === 'string' ? first : ''
}

/** Takes the changed object into the hub, so that the answer can say where it stands. */
function stamp(wrapped: Wrapped, input: unknown, target: Container | undefined, answer: unknown): unknown {
  const { hub, engine, name } = wrapped
  const at = new Date().toISOString()
  const action = name.split('.')[1] ?? ''
  const result = answer as { container?: Container; image?: Image; version?: Version }
  if (name === 'containers.remove') {
    if (target === undefined) return { ...result, version: hub.version }
    return {
      ...result,
      version: hub.apply(engine.id, { type: 'container', action: 'destroy', id: target.id, at, container: null }),
    }
  }
  if (name === 'images.remove') {
    const { deleted } = answer as ImageRemoval
    if (deleted !== null) hub.apply(engine.id, { type: 'image', action: 'delete', id: deleted, at, image: null })
    return answer
  }
  if (result.image !== undefined) {
    const { image } = result
    return { ...result, version: hub.apply(engine.id, { type: 'image', action, id: image.id, at, image }) }
  }
  if (result.container === undefined) return answer
  const { container } = result
  const known = hub.find(engine.id, container.id)
  // The container may have ended while the answer was on its way: its event was first, and is newer.
  if (known !== undefined && endedSince(container, known)) return { ...result, version: hub.version }
  return { ...result, version: hub.apply(engine.id, { type: 'container', action, id: container.id, at, container }) }
}

function endedSince(answer: Container, known: Container): boolean {
  if (known.startedAt !== null && answer.startedAt === null) return true
  const sameRun = answer.startedAt === known.startedAt
  return sameRun && known.state === 'exited' && answer.state !== 'exited' && answer.state !== 'removing'
}
