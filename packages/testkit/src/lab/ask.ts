import { request as http } from 'node:http'
import { request as https } from 'node:https'
import { FlotillaError } from '@flotilla/protocol'

export interface Asked {
  status: number
  headers: Headers
  text: string
}

/** One request, over TLS too: the platform's own certificate is not looked at, which `fetch` cannot be told. */
export function askHttp(
  url: string,
  options: { method?: string; headers?: Record<string, string>; body?: string } = {},
): Promise<Asked> {
  const { method = 'GET', headers = {}, body } = options
  const length = body === undefined ? {} : { 'content-length': String(Buffer.byteLength(body)) }
  return new Promise((resolve, reject) => {
    const init = { method, headers: { ...headers, ...length }, rejectUnauthorized: false, agent: false as const }
    const asked = (url.startsWith('https:') ? https : http)(url, init, (response) => {
      const chunks: Buffer[] = []
      response.on('data', (chunk: Buffer) => chunks.push(chunk))
      response.once('aborted', () => reject(new FlotillaError('UNAVAILABLE', `${url} broke off its answer.`)))
      response.once('error', reject)
      response.once('end', () => {
        const pairs = Object.entries(response.headersDistinct).flatMap(([name, values = []]) =>
          values.map((value): [string, string] => [name, value]),
        )
        resolve({
          status: response.statusCode ?? 0,
          headers: new Headers(pairs),
          text: Buffer.concat(chunks).toString(),
        })
      })
    })
    asked.once('error', reject)
    asked.end(body)
  })
}
