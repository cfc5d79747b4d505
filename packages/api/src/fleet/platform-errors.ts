import { FlotillaError } from '@flotilla/protocol'
import { wrapClient } from './wrap-client.ts'

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
  return wrapClient(client, (_name, call) => (...input) => {
    const answer = call(...input)
    return answer instanceof Promise ? answer.catch(inPlatform) : answer
  })
}
