import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'

export interface BadRegistry {
  host: string
  close(): Promise<void>
}

/** Stands before a registry: passes requests on, and for blobs does what `trouble` says. */
export async function badRegistry(behind: string, trouble: 'lies' | 'stalls' | 'refuses-login'): Promise<BadRegistry> {
  const answer = async (request: IncomingMessage, response: ServerResponse) => {
    if (trouble === 'refuses-login') {
      response.writeHead(401, { 'www-authenticate': 'Basic realm="closed"' }).end()
      return
    }
    const { accept } = request.headers
    const passed = await fetch(`http://${behind}${request.url ?? ''}`, {
      method: request.method ?? 'GET',
      headers: accept === undefined ? {} : { accept },
    })
    const headers: Record<string, string> = {}
    for (const name of ['content-type', 'content-length', 'docker-content-digest']) {
      const value = passed.headers.get(name)
      if (value !== null) headers[name] = value
    }
    response.writeHead(passed.status, headers)
    const bytes = Buffer.from(await passed.arrayBuffer())
    if (request.url?.includes('/blobs/') !== true || request.method === 'HEAD') {
      response.end(bytes)
      return
    }
    const middle = bytes.length >> 1
    if (trouble === 'lies') {
      bytes.writeUInt8(bytes.readUInt8(middle) ^ 1, middle)
      response.end(bytes)
    } else response.write(bytes.subarray(0, middle)) // and not one byte more, as where packets are dropped
  }
  const server = createServer((request, response) => {
    answer(request, response).catch((error: unknown) => response.destroy(error instanceof Error ? error : undefined))
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const { port } = server.address() as { port: number }
  return {
    host: `127.0.0.1:${port}`,
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve())
        server.closeAllConnections()
      }),
  }
}
