import { type ErrorField, fail, type FlotillaError, type Registry } from '@flotilla/protocol'
import type { HostEntry } from './host-entry.ts'
import { wrapClient } from './wrap-client.ts'

/**
 * An engine's client that refuses what its agent would ignore: an input that makes use of an option of which the agent says
 * neither that its engine has it nor that it lacks it, since it is older than the option. Calls fail with UNSUPPORTED.
 */
export function withKnownOptions<Client extends object>(
  client: Client,
  nouns: Registry,
  host: HostEntry,
  engine: string,
): Client {
  return wrapClient(client, (name, call) => {
    const method = nouns.method(name)
    const { options, optionField } = method ?? {}
    if (method === undefined || options === undefined) return call
    return (...input) => {
      const parsed = method.input.safeParse(input[0])
      if (!parsed.success) return call(...input)
      const option = firstUnknown(host, engine, options(parsed.data))
      if (option === undefined) return call(...input)
      const unknown = optionUnknown(host, option, optionField?.(option, parsed.data))
      if (method.kind === 'unary' || method.kind === 'upload') return Promise.reject(unknown)
      throw unknown
    }
  })
}

function firstUnknown(host: HostEntry, engine: string, options: readonly string[]): string | undefined {
  const capabilities = host.engines.find(({ id }) => id === engine)?.capabilities
  return options.find((one) => capabilities !== undefined && !Object.hasOwn(capabilities, one))
}

function optionUnknown(host: HostEntry, option: string, field: ErrorField | undefined): FlotillaError {
  const version = host.facts?.agentVersion ?? 'of old'
  return fail('fleet.optionUnknown', { host: host.name, option, version }, { field })
}
