import {
  type Call,
  type Client,
  networkMethods,
  type NetworkMethods,
  portMethods,
  type PortMethods,
  systemScope,
} from '@flotilla/protocol'
import type { OciEngine } from '../create-oci-engine.ts'

export type NetworkClient = Client<NetworkMethods>['networks'] & Client<PortMethods>['containers']

/** The methods of networks and ports with no transport; inputs and answers are checked as a link checks them. */
export function networkClient(engine: OciEngine): NetworkClient {
  const { publish, unpublish } = engine.containers
  const handlers: Record<string, unknown> = { ...engine.networks, publish, unpublish }
  const methods = { ...networkMethods.networks, ...portMethods.containers }
  const verbs = Object.entries(methods).map(([verb, method]) => [
    verb,
    async (input: unknown, { operationId = '' }: { operationId?: string } = {}) => {
      const handler = handlers[verb] as (input: unknown, call: Call) => Promise<unknown>
      const signal = AbortSignal.timeout(30_000)
      const call: Call = { signal, scope: systemScope, operationId, progress: () => {} }
      return method.output.parse(await handler(method.input.parse(input), call))
    },
  ])
  return Object.fromEntries(verbs) as NetworkClient
}
