import { randomUUID } from 'node:crypto'
import type { Engine } from '@flotilla/engine'
import { type Call, type EngineEvent, fail } from '@flotilla/protocol'
import { Broadcast } from '../fake/broadcast.ts'
import { createFakeEngine } from '../fake/engine.ts'
import type { Widget } from './widget-noun.ts'

/** The fake engine with handlers for widgets beside its own: two of them are there from the start. */
export function createWidgetEngine(containers: number): Engine {
  const engine = createFakeEngine({ containers })
  const widgets = new Map<string, Widget>()
  const events = new Broadcast<EngineEvent>()
  const tell = (action: string, id: string) => {
    const row = widgets.get(id) ?? null
    // The product's events know the product's nouns.
    events.send({ kind: 'widget', action, id, at: new Date().toISOString(), row } as unknown as EngineEvent)
  }
  const put = (widget: Widget, action: string) => {
    widgets.set(widget.id, widget)
    tell(action, widget.id)
    return { widget }
  }
  const find = (id: string): Widget => {
    const widget = widgets.get(id)
    if (widget === undefined) throw fail('fleet.noObject', { kind: 'widget', ref: id })
    return widget
  }
  const made = (name: string): Widget => ({
    ...{ id: randomUUID(), engine: engine.id, name, colour: 'green', labels: {}, container: null },
  })
  for (const name of ['hammer', 'tongs']) put(made(name), 'make')

  const handlers = {
    widgets: {
      list: async () => [...widgets.values()],
      inspect: async ({ id }: { id: string }) => ({ widget: find(id), notes: ['token=swordfish'] }),
      make: async ({ name }: { name: string }) => put(made(name), 'make'),
      paint: async ({ id, colour }: Pick<Widget, 'id' | 'colour'>) => put({ ...find(id), colour }, 'paint'),
      remove: async ({ id }: { id: string }) => {
        widgets.delete(id)
        tell('destroy', id)
        return {}
      },
    },
    events: {
      async *watch(input: object, call: Call): AsyncGenerator<EngineEvent> {
        yield* merged([events.read(call.signal), engine.events?.watch?.(input, call) ?? []], call.signal)
      },
    },
  }
  return { ...engine, ...handlers, close: () => engine.close().finally(() => events.close()) }
}

/** What comes from any of them, as it comes. */
async function* merged<T>(sources: (AsyncIterable<T> | T[])[], signal: AbortSignal): AsyncGenerator<T> {
  const all = new Broadcast<T>()
  const items = all.read(signal)
  for (const source of sources) {
    void (async () => {
      for await (const item of source) all.send(item)
    })().catch(() => all.close())
  }
  yield* items
}
