import { Agent, request } from 'node:http'
import { FlotillaError } from '@flotilla/protocol'

/** Asks over connections that stay open, as a browser does; throws where the answer is not 200. */
export function keepAlive(mostConnections: number) {
  const agent = new Agent({ keepAlive: true, maxSockets: mostConnections })
  return {
    get: (url: string, headers: Record<string, string> = {}): Promise<string> =>
      new Promise((resolve, reject) => {
        const asked = request(url, { agent, headers }, (response) => {
          const chunks: Buffer[] = []
          response.on('data', (chunk: Buffer) => chunks.push(chunk))
          response.once('error', reject)
          response.once('end', () => {
            const text = Buffer.concat(chunks).toString()
            if (response.statusCode === 200) resolve(text)
            else reject(new FlotillaError('INTERNAL', `${url}: ${response.statusCode} ${text.slice(0, 300)}`))
          })
        })
        asked.once('error', reject)
        asked.end()
      }),
    close: () => agent.destroy(),
  }
}
