import { orAborted } from '@flotilla/async'
import {
  type Call,
  type CallOptions,
  type Client,
  type EngineMethods,
  type Method,
  type Progress,
  fail,
  systemScope,
  toFlotillaError,
} from '@flotilla/protocol'
import { type AnyHandler, type Engine, engineMethod, engineMethodNames, guard, handlerOf } from '@flotilla/engine'

export interface LocalClient {
  client: Client<EngineMethods>
  /** Calls whose handler has not ended yet. */
  openCalls: () => number
  /** What the handler of an operation reported. */
  progressOf: (operationId: string) => readonly Progress[]
}

/** An engine's methods with no transport: validated both ways, guarded, with deadlines and cancelling as a link's client has. */
export function createLocalClient(engine: Engine): LocalClient {
  const progress = new Map<string, Progress[]>()
  const state = { open: 0 }
  const client: Record<string, Record<string, unknown>> = {}
  for (const name of engineMethodNames) {
    const [noun = '', verb = ''] = name.split('.')
    const method = engineMethod(name)
    if (method === undefined) throw new Error(`no method ${name}`)
    const open = (rawInput: unknown, options: CallOptions, rest: unknown[]) => {
      const input = method.input.parse(rawInput)
      guard(engine, name, input)
      const handler = handlerOf(engine, name) as AnyHandler
      const call = startCall(options, progress)
      return { call, result: handler(input, ...rest, call.call) }
    }
    client[noun] ??= {}
    client[noun][verb] =
      method.kind === 'unary'
        ? (input: unknown, options: CallOptions = {}) => unary(method, () => open(input, options, []), state)
        : method.kind === 'upload'
          ? (input: unknown, body: unknown, options: CallOptions = {}) =>
              unary(method, () => open(input, options, [body]), state)
          : method.kind === 'duplex'
            ? (input: unknown, outgoing: unknown, options: CallOptions = {}) =>
                stream(method, () => open(input, options, [outgoing]), state)
            : (input: unknown, options: CallOptions = {}) => stream(method, () => open(input, options, []), state)
  }
  return {
    client: client as unknown as Client<EngineMethods>,
    openCalls: () => state.open,
    progressOf: (operationId) => progress.get(operationId) ?? [],
  }
}

interface OpenCall {
  call: ReturnType<typeof startCall>
  result: unknown
}

function startCall(options: CallOptions, progress: Map<string, Progress[]>) {
  const controller = new AbortController()
  const operationId = options.operationId ?? ''
  // One for all calls of an operation: its handler reports to the one that came first.
  const reported = progress.get(operationId) ?? []
  if (operationId !== '') progress.set(operationId, reported)
  const cancel = () => controller.abort(fail('call.cancelled'))
  const late = () => controller.abort(fail('call.slowHost'))
  const timer =
    options.timeoutMs === undefined || options.timeoutMs === 0 ? undefined : setTimeout(late, options.timeoutMs)
  if (options.signal?.aborted === true) cancel()
  options.signal?.addEventListener('abort', cancel, { once: true })
  const call: Call = {
    signal: controller.signal,
    scope: options.scope ?? systemScope,
    operationId,
    progress: (step) => void reported.push(step),
  }
  const end = () => {
    clearTimeout(timer)
    options.signal?.removeEventListener('abort', cancel)
    controller.abort(fail('call.cancelled'))
  }
  return { call, end }
}

async function unary(method: Method, open: () => OpenCall, state: { open: number }): Promise<unknown> {
  let opened: OpenCall
  try {
    opened = open()
  } catch (thrown) {
    throw toFlotillaError(thrown)
  }
  const { call, result } = opened
  state.open += 1
  const running = Promise.resolve(result).finally(() => {
    state.open -= 1
  })
  try {
    const output = await orAborted(running, call.call.signal)
    return 'output' in method ? method.output.parse(output) : output
  } catch (thrown) {
    throw toFlotillaError(thrown)
  } finally {
    call.end()
  }
}

async function* stream(method: Method, open: () => OpenCall, state: { open: number }): AsyncGenerator<unknown> {
  let opened: OpenCall
  try {
    opened = open()
  } catch (thrown) {
    throw toFlotillaError(thrown)
  }
  const { call, result } = opened
  const items = (result as AsyncIterable<unknown>)[Symbol.asyncIterator]()
  state.open += 1
  let pending: Promise<IteratorResult<unknown>> | undefined
  let ended = false
  try {
    for (;;) {
      pending = items.next()
      const next = await orAborted(pending, call.call.signal)
      pending = undefined
      if (next.done === true) break
      const schema = method.kind === 'stream' ? method.item : method.kind === 'duplex' ? method.down : undefined
      yield schema === undefined || next.value instanceof Uint8Array ? next.value : schema.parse(next.value)
    }
    ended = true
    if (call.call.signal.aborted) throw call.call.signal.reason as Error
  } catch (thrown) {
    throw toFlotillaError(thrown)
  } finally {
    call.end()
    // Whoever reads has gone, but the handler counts as open until it has really ended.
    const last = ended
      ? Promise.resolve()
      : Promise.resolve(pending)
          .catch(() => {})
          .then(() => items.return?.())
    void last
      .catch(() => {})
      .finally(() => {
        state.open -= 1
      })
  }
}
