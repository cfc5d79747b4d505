import { createHash } from 'node:crypto'
import { createServer, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'

export interface HostileRegistry {
  readonly host: string
  close(): Promise<void>
}

const digestOf = (bytes: Buffer) => `sha256:${createHash('sha256').update(bytes).digest('hex')}`

/**
 * A registry as bad ones are. `/demo/lies:1` has a layer whose bytes are not those of its digest; `/demo/closed:1` refuses
 * every login.
 */
export async function openHostileRegistry(): Promise<HostileRegistry> {
  const config = Buffer.from(
    JSON.stringify({
      architecture: 'amd64',
      os: 'linux',
      config: { Cmd: ['/x'] },
      rootfs: { type: 'layers', diff_ids: [`sha256:${'1'.repeat(64)}`] },
    }),
  )
  const truth = Buffer.alloc(4096, 'a')
  const lie = Buffer.alloc(4096) // an empty tar, so that the digest alone tells
  const manifest = Buffer.from(
    JSON.stringify({
      schemaVersion: 2,
      mediaType: 'application/vnd.oci.image.manifest.v1+json',
      config: { mediaType: 'application/vnd.oci.image.config.v1+json', digest: digestOf(config), size: config.length },
      layers: [{ mediaType: 'application/vnd.oci.image.layer.v1.tar', digest: digestOf(truth), size: truth.length }],
    }),
  )
  const answers = new Map<string, { bytes: Buffer; type: string }>([
    ['/v2/demo/lies/manifests/1', { bytes: manifest, type: 'application/vnd.oci.image.manifest.v1+json' }],
    [`/v2/demo/lies/blobs/${digestOf(config)}`, { bytes: config, type: 'application/octet-stream' }],
    [`/v2/demo/lies/blobs/${digestOf(truth)}`, { bytes: lie, type: 'application/octet-stream' }],
  ])
  const server = createServer((request, response) => {
    const path = request.url ?? ''
    if (path.startsWith('/v2/demo/closed/')) return refuse(response)
    if (path === '/v2/') return void response.writeHead(200).end()
    const answer = answers.get(path)
    if (answer === undefined) return void response.writeHead(404).end()
    response.writeHead(200, {
      'content-type': answer.type,
      'content-length': answer.bytes.length,
      'docker-content-digest': digestOf(answer.bytes),
    })
    response.end(request.method === 'HEAD' ? undefined : answer.bytes)
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  return {
    host: `127.0.0.1:${(server.address() as AddressInfo).port}`,
    async close() {
      server.closeAllConnections()
      await new Promise((resolve) => server.close(resolve))
    },
  }
}

function refuse(response: ServerResponse): void {
  response.writeHead(401, { 'www-authenticate': 'Basic realm="closed"' }).end()
}
