import { fail, type FlotillaError, type Method, type Registry } from '@flotilla/protocol'
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
    const { options, optionFields } = method ?? {}
    if (method === undefined || options === undefined) return call
    return (...input) => {
      const parsed = method.input.safeParse(input[0])
      const unknown = parsed.success ? firstUnknown(host, engine, options(parsed.data), optionFields) : undefined
      if (unknown === undefined) return call(...input)
      if (method.kind === 'unary' || method.kind === 'upload') return Promise.reject(unknown)
      throw unknown
    }
  })
}

function firstUnknown(
  host: HostEntry,
  engine: string,
  options: readonly string[],
  fields: Method['optionFields'] = {},
): FlotillaError | undefined {
  const capabilities = host.engines.find(({ id }) => id === engine)?.capabilities
  const option = options.find((one) => capabilities !== undefined && !Object.hasOwn(capabilities, one))
  if (option === undefined) return undefined
  return fail(
    'fleet.optionUnknown',
    { host: host.name, option, version: host.facts?.agentVersion ?? 'of old' },
    { field: fields[option] },
  )
}
