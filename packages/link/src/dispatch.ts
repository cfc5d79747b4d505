import { type Call, type Method, Scope, fail, reasonSentence, toFlotillaError } from '@flotilla/protocol'
import { z } from 'zod'
import type { ServerCall } from './server-call.ts'
import type { Service } from './service.ts'

/** The first frame of every call. */
const First = z.object({ input: z.unknown(), scope: Scope, operationId: z.string().max(200).default('') })

/** A method with the service it belongs to. */
export interface Target {
  method: Method
  /** The handler as the dispatcher calls it: input, body where there is one, call. */
  handler: (...args: unknown[]) => unknown
}

/**
 * Finds what a path `/<service>/<noun>.<verb>` names. Throws NOT_FOUND for an unknown service, UNSUPPORTED for a method
 * that this side does not know or cannot do.
 */
export function findTarget(path: string, find: (name: string) => Service | undefined): Target {
  const [, serviceName = '', name = ''] = path.split('/')
  const service = find(serviceName)
  if (service === undefined) throw fail('link.noService', { service: serviceName })
  const [noun = '', verb = ''] = name.split('.')
  const method = own(own(service.methods, noun), verb)
  if (method === undefined) {
    throw fail('link.noMethod', { method: name })
  }
  const absence = service.absences?.()[name]
  const handler = own(own(service.handlers, noun), verb)
  if (absence !== undefined || handler === undefined) {
    throw absence === undefined
      ? fail('link.unavailable', { method: name })
      : fail('engine.lacks', { reason: reasonSentence(absence) })
  }
  return { method, handler: handler as Target['handler'] }
}

/** Settles when the link has room for bulk; undefined where it has it now. */
export type Room = () => Promise<void> | undefined

/** Reads the first frame, checks the input against the method and runs the handler to its end. */
export async function runTarget(call: ServerCall, { method, handler }: Target, room: Room): Promise<void> {
  const piece = await call.reader.next()
  if (piece === undefined || !('json' in piece)) {
    throw fail('link.noInput')
  }
  const first = First.parse(piece.json)
  const input = method.input.parse(first.input)
  const reported: Call = {
    signal: call.signal,
    scope: first.scope,
    operationId: first.operationId,
    progress: () => {}, // the agent's dispatcher gives handlers its own
  }
  switch (method.kind) {
    case 'unary':
      call.abortOnEnd()
      return void call.writer.json(await handler(input, reported))
    case 'upload':
      return void call.writer.json(await handler(input, bytesOf(call), reported))
    case 'stream':
    case 'download':
      call.abortOnEnd()
      return sendAll(call, handler(input, reported) as AsyncIterable<unknown>, {
        bytesOnly: method.kind === 'download',
        room,
      })
    case 'duplex':
      return sendAll(call, handler(input, messagesOf(call, method.up), reported) as AsyncIterable<unknown>)
  }
}

interface Sending {
  bytesOnly?: boolean
  /** Waited for before each item: bulk stays behind what is said now and then. */
  room?: Room
}

async function sendAll(
  call: ServerCall,
  items: AsyncIterable<unknown>,
  { bytesOnly = false, room }: Sending = {},
): Promise<void> {
  const iterator = items[Symbol.asyncIterator]()
  // Its finally blocks run as soon as it can be ended; a handler that ignores its signal ends in its own time.
  const stop = () => void iterator.return?.().then(undefined, () => {})
  call.signal.addEventListener('abort', stop, { once: true })
  for (;;) {
    const wait = room?.()
    if (wait !== undefined) await wait
    const step = await iterator.next()
    if (step.done === true || call.signal.aborted) return
    const item = step.value
    if (bytesOnly && !(item instanceof Uint8Array)) {
      throw fail(
        'call.failed',
        {},
        {
          detail: 'a download gave no bytes',
        },
      )
    }
    const used = item instanceof Uint8Array ? call.writer.bytes(item) : call.writer.json(item)
    if (used !== undefined) await used
  }
}

async function* bytesOf(call: ServerCall): AsyncGenerator<Uint8Array> {
  for (let piece = await call.reader.next(); piece !== undefined; piece = await call.reader.next()) {
    if ('json' in piece) throw fail('link.bytesOnly')
    yield piece.bytes
  }
}

async function* messagesOf(call: ServerCall, up: z.ZodType): AsyncGenerator<unknown> {
  for (let piece = await call.reader.next(); piece !== undefined; piece = await call.reader.next()) {
    yield 'json' in piece ? parseMessage(call, up, piece.json) : piece.bytes
  }
}

/** A bad message ends the call even where the handler swallows what its incoming throws. */
function parseMessage(call: ServerCall, up: z.ZodType, json: unknown): unknown {
  const parsed = up.safeParse(json)
  if (parsed.success) return parsed.data
  const error = toFlotillaError(parsed.error)
  call.abort(error)
  throw error
}

/** A property of the object itself, never of its prototype: names come from the wire. */
function own<T>(record: Record<string, T> | undefined, name: string): T | undefined {
  return record !== undefined && Object.hasOwn(record, name) ? record[name] : undefined
}
