import { once } from 'node:events'
import { type IncomingMessage, request } from 'node:http'
import { text } from 'node:stream/consumers'

/**
 * Whether a Docker daemon answers at its socket. One that is still starting may hold the call until it is ready, for which it
 * has five seconds here. Asking costs a fraction of what a start of Docker's command does, which counts where a start is waited for.
 */
export function dockerAnswers(socketPath: string): Promise<boolean> {
  return new Promise((resolve) => {
    const asked = request({ socketPath, path: '/_ping', timeout: 5000, agent: false }, (answer) => {
      answer.resume()
      resolve(answer.statusCode === 200)
    })
    asked.on('timeout', () => asked.destroy(new Error('it does not answer')))
    asked.on('error', () => resolve(false))
    asked.end()
  })
}

/**
 * What the daemon says of a container, as `docker inspect` prints it. Asked at the socket for the same reason: tests that wait
 * for a state ask again and again. Throws where it has no such container or does not answer.
 */
export async function inspectedByDocker(socketPath: string, name: string): Promise<InspectedContainer> {
  const path = `/containers/${encodeURIComponent(name)}/json`
  const asked = request({ socketPath, path, timeout: 10_000, agent: false })
  asked.on('timeout', () => asked.destroy(new Error('it does not answer'))).end()
  const [answer] = (await once(asked, 'response')) as [IncomingMessage]
  const body = await text(answer)
  if (answer.statusCode !== 200) throw new Error(`docker answers ${answer.statusCode} for ${name}: ${body}`)
  return JSON.parse(body) as InspectedContainer
}

/** Of a container, what tests look at in Docker's own words. */
export interface InspectedContainer {
  State: { Status: string; Pid: number; StartedAt: string }
}
