import { engineMethod } from '@flotilla/engine'
import { type Kit, scope } from './kit.ts'
import { networkInputs } from './network-inputs.ts'
import { volumeInputs } from './volume-inputs.ts'

/** A valid input for each method that does not take `{ id }` alone. */
export const inputs: Readonly<Record<string, object>> = {
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
  ...networkInputs,
  ...volumeInputs,
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
