import { pause } from '@flotilla/async'
import { once } from 'node:events'
import net from 'node:net'
import type { Engine } from '@flotilla/engine'
import { connect, type Link } from '@flotilla/link'
import { type Call, engineMethods, fail, registry, systemScope } from '@flotilla/protocol'
import { clusterMethods } from './cluster-server.ts'

const againMs = 100

/**
 * An agent's side of an engine that spans machines: all that it is asked goes to where that is served. While it is not
 * reached there, it is unavailable.
 */
export async function createClusterEngine({ path, id }: { path: string; id: string }): Promise<Engine> {
  const end = new AbortController()
  let link: Link | undefined = await dial(path)
  const info = await link.client('cluster', clusterMethods).cluster.info({}, { scope: systemScope })
  const keep = async () => {
    while (!end.signal.aborted) {
      await link?.closed
      link = undefined
      await pause(againMs, end.signal)
      if (!end.signal.aborted) link = await dial(path).catch(() => undefined) // asked again in a moment
    }
    link?.close()
  }
  const linked = keep()
  const reached = () => {
    if (link === undefined) throw fail('fleet.hostAway', { host: info.name, reason: 'it does not answer.' })
    return link.client('engine', engineMethods) as unknown as Record<string, Record<string, AnyCall>>
  }
  const handlers: Record<string, Record<string, AnyCall>> = {}
  for (const name of registry.methodNames) {
    const [noun = '', verb = ''] = name.split('.')
    if (info.capabilities[name]?.available !== true) continue
    handlers[noun] ??= {}
    handlers[noun][verb] = (...given) => {
      const { signal, scope, operationId } = given.at(-1) as Call
      return renamed(reached()[noun]?.[verb]?.(...given.slice(0, -1), { signal, scope, operationId, timeoutMs: 0 }), id)
    }
  }
  const absences = Object.fromEntries(
    Object.entries(info.capabilities).flatMap(([name, one]) => (one.available ? [] : [[name, one.reason]])),
  )
  return {
    ...handlers,
    id,
    identity: () => ({
      ...info,
      id,
      ...(link === undefined ? { state: 'unavailable' as const, reason: 'It does not answer.' } : {}),
    }),
    absences: () => absences,
    async close() {
      end.abort()
      link?.close()
      await linked
    },
  }
}

type AnyCall = (...given: unknown[]) => unknown

async function dial(path: string): Promise<Link> {
  const socket = net.connect(path)
  await once(socket, 'connect')
  return connect(socket, { hello: { version: 'test' } })
}

/** What the engine says of its objects, by this agent's name of the engine. */
function renamed(answer: unknown, id: string): unknown {
  if (answer instanceof Promise) return answer.then((value: unknown) => withEngine(value, id))
  return itemsRenamed(answer as AsyncIterable<unknown>, id)
}

async function* itemsRenamed(items: AsyncIterable<unknown>, id: string): AsyncGenerator<unknown> {
  for await (const item of items) yield withEngine(item, id)
}

function withEngine(value: unknown, id: string): unknown {
  if (Array.isArray(value)) return value.map((one) => withEngine(one, id))
  if (typeof value !== 'object' || value === null || value instanceof Uint8Array) return value
  return Object.fromEntries(
    Object.entries(value).map(([name, one]) => [
      name,
      name === 'engine' && typeof one === 'string' ? id : withEngine(one, id),
    ]),
  )
}
