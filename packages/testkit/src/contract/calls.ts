import { engineMethod } from '@flotilla/engine'
import { type Kit, scope } from './kit.ts'

/** A valid input for each method that does not take `{ id }` alone. */
export const inputs: Readonly<Record<string, unknown>> = {
  'containers.list': {},
  'images.list': {},
  'events.watch': {},
  'containers.create': { image: 'x' },
  'images.pull': { reference: 'x' },
  'exec.create': { id: 'x', command: ['x'] },
  'exec.attach': { session: 'x' },
  'exec.remove': { session: 'x' },
  'containers.publish': { id: 'x', ports: [{ containerPort: 80 }] },
  'containers.unpublish': { id: 'x', ports: [{ containerPort: 80 }] },
  'nodes.list': {},
  'networks.list': {},
  'networks.create': { name: 'x' },
  'networks.prunePreview': {},
  'networks.prune': { ids: ['x'] },
  'networks.connect': { id: 'x', container: 'x' },
  'networks.disconnect': { id: 'x', container: 'x' },
  'volumes.list': {},
  'volumes.create': { name: 'x' },
  'volumes.rename': { id: 'x', name: 'y' },
  'volumes.clone': { id: 'x', name: 'y' },
  'volumes.prunePreview': {},
  'volumes.prune': { ids: ['x'] },
  'volumeFiles.list': { id: 'x', path: '' },
  'volumeFiles.read': { id: 'x', path: 'a' },
  'volumeFiles.write': { id: 'x', path: 'a' },
  'volumeFiles.mkdir': { id: 'x', path: 'a' },
  'volumeFiles.rename': { id: 'x', path: 'a', to: 'b' },
  'volumeFiles.remove': { id: 'x', path: 'a' },
  'volumeFiles.readText': { id: 'x', path: 'a' },
  'volumeFiles.writeText': { id: 'x', path: 'a', text: '', expected: null },
}

/** Calls a method by its full name; `body` is what a call sends beside its input. */
export function invoke(
  kit: Kit,
  name: string,
  input: unknown,
  call: { body?: Body; signal?: AbortSignal } = {},
): unknown {
  const client = kit.engine as unknown as Record<string, Record<string, (...input: unknown[]) => unknown>>
  const [noun = '', verb = ''] = name.split('.')
  const hasBody = ['duplex', 'upload'].includes(engineMethod(name)?.kind ?? '')
  const options = { ...scope, ...(call.signal && { signal: call.signal }) }
  return client[noun]?.[verb]?.(input, ...(hasBody ? [call.body ?? nothing()] : []), options)
}

type Body = AsyncIterable<unknown>

async function* nothing(): AsyncGenerator<Uint8Array> {}
