import { type Call, type EngineMethods, type PartialHandlers, type Progress } from '@flotilla/protocol'
import { type AnyHandler, type Engine, engineMethod, engineMethodNames, guard, handlerOf } from '@flotilla/engine'

export interface ObservedHandlers {
  /** The engine's handlers, guarded as an agent's are: an option that is not claimed answers UNSUPPORTED. */
  handlers: PartialHandlers<EngineMethods>
  /** Calls whose handler has not ended. */
  openCalls: () => number
  progressOf: (operationId: string) => readonly Progress[]
}

/** An engine's handlers as a test serves them over a link, with its eyes on what they do. */
export function observed(engine: Engine): ObservedHandlers {
  const progress = new Map<string, Progress[]>()
  const state = { open: 0 }
  const handlers: Record<string, Record<string, AnyHandler>> = {}
  for (const name of engineMethodNames) {
    const handler = handlerOf(engine, name)
    if (handler === undefined) continue
    const [noun = '', verb = ''] = name.split('.')
    const enter = (input: readonly unknown[]): unknown[] => {
      const call = input.at(-1) as Call
      guard(engine, name, input[0])
      const report = (step: Progress) => {
        progress.set(call.operationId, [...(progress.get(call.operationId) ?? []), step])
        call.progress(step)
      }
      return [...input.slice(0, -1), { ...call, signal: call.signal, progress: report }]
    }
    handlers[noun] ??= {}
    handlers[noun][verb] = ['unary', 'upload'].includes(engineMethod(name)?.kind ?? '')
      ? (...input) => counted(state, () => handler(...enter(input)))
      : (...input) => countedItems(state, () => handler(...enter(input)))
  }
  return { handlers, openCalls: () => state.open, progressOf: (operationId) => progress.get(operationId) ?? [] }
}

async function counted(state: { open: number }, run: () => unknown): Promise<unknown> {
  state.open += 1
  try {
    return await run()
  } finally {
    state.open -= 1
  }
}

async function* countedItems(state: { open: number }, run: () => unknown): AsyncGenerator<unknown> {
  state.open += 1
  try {
    yield* run() as AsyncIterable<unknown>
  } finally {
    state.open -= 1
  }
}
