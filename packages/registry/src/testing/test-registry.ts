import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http'
import { type Descriptor, digestOf, hostPlatform, mediaTypes, parseReference } from '@flotilla/oci'
import { expect } from 'vitest'
import { createFetcher, openRepository, type RepositoryOptions } from '../index.ts'
import { readBounded } from '../read-bounded.ts'

export type Answer = (request: IncomingMessage, response: ServerResponse) => void

const servers: Server[] = []
const signal = () => AbortSignal.timeout(20_000)
export const platform = hostPlatform('x64')
export const config = Buffer.from(
  JSON.stringify({ architecture: 'amd64', os: 'linux', rootfs: { type: 'layers', diff_ids: [digestOf('layer')] } }),
)
export const body = Buffer.alloc(300_000, 'body')
export const blob: Descriptor = { mediaType: `${mediaTypes.ociLayer}+gzip`, digest: digestOf(body), size: body.length }
export const manifest = Buffer.from(
  JSON.stringify({
    schemaVersion: 2,
    mediaType: mediaTypes.ociManifest,
    config: { mediaType: mediaTypes.ociConfig, digest: digestOf(config), size: config.length },
    layers: [blob],
  }),
)

/** A real server on loopback that plays the registry; each test says how it misbehaves. */
export async function listen(answer: Answer): Promise<string> {
  const server = createServer(answer)
  servers.push(server)
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const address = server.address()
  return `127.0.0.1:${typeof address === 'object' ? address?.port : 0}`
}

/** Ends the servers of a test. */
export async function closeServers(): Promise<void> {
  for (const server of servers.splice(0)) {
    server.closeAllConnections()
    await new Promise((resolve) => server.close(resolve))
  }
}

/** What an honest registry answers. */
export const honest: Answer = (request, response) => {
  const url = request.url ?? ''
  if (url.includes('/manifests/')) {
    const found = url.endsWith('/latest') || url.endsWith(digestOf(manifest))
    response.writeHead(found ? 200 : 404, { 'content-type': mediaTypes.ociManifest })
    response.end(found ? manifest : '{}')
  } else if (url.endsWith(digestOf(config))) response.end(config)
  else if (url.endsWith(blob.digest)) response.end(body)
  else response.writeHead(404).end()
}

export function open(host: string, options: RepositoryOptions = {}, timeoutMs = 300) {
  const repository = openRepository(parseReference(`${host}/team/app`), {
    retries: 2,
    retryDelayMs: 5,
    fetcher: (named) =>
      createFetcher(named, {
        connectTimeoutMs: timeoutMs,
        answerTimeoutMs: timeoutMs,
        stallTimeoutMs: timeoutMs,
      }),
    ...options,
  })
  return {
    image: (tag = 'latest', until = signal()) =>
      repository.image(parseReference(`${host}/team/app:${tag}`), platform, until),
    pinned: (digest: string) => repository.image(parseReference(`${host}/team/app@${digest}`), platform, signal()),
    blob: (descriptor = blob) => readBounded(repository.blob(descriptor, signal()), 1e7),
    close: () => repository.close(),
  }
}

export const code = (wanted: string, message = '') => ({
  code: wanted,
  message: expect.stringContaining(message) as unknown,
})
