import { FlotillaError } from '@flotilla/protocol'

type Call = (...input: unknown[]) => unknown

/**
 * An engine's client whose failed calls name objects by the platform's ids, as all else that the platform tells. What a stream
 * fails with keeps the engine's ids, which nobody is told.
 */
export function withPlatformIds<Client extends object>(
  client: Client,
  idOf: (kind: string, nativeId: string) => string,
): Client {
  const inPlatform = (thrown: unknown): never => {
    if (!(thrown instanceof FlotillaError) || thrown.objects.length === 0) throw thrown
    const objects = thrown.objects.map(({ kind, id }) => ({ kind, id: idOf(kind, id) }))
    throw thrown.with({ objects })
  }
  const verbs = (noun: object): object =>
    new Proxy(noun, {
      get(target, verb) {
        const call: unknown = Reflect.get(target, verb)
        if (typeof call !== 'function') return call
        return (...input: unknown[]) => {
          const answer = (call as Call)(...input)
          return answer instanceof Promise ? answer.catch(inPlatform) : answer
        }
      },
    })
  return new Proxy(client, {
    get(target, name) {
      const noun: unknown = Reflect.get(target, name)
      return typeof noun === 'object' && noun !== null ? verbs(noun) : noun
    },
  })
}
