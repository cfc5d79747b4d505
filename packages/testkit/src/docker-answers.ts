import { request } from 'node:http'

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
