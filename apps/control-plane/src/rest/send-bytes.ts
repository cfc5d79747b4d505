import type { ServerResponse } from 'node:http'
import { departed } from '../http/departure.ts'

/**
 * Sends bytes as a file of this name. The head goes with the first piece, so that a refusal before it is answered as one. Throws
 * where `abort` ends it, which is done here where the reader takes nothing; the connection is then the caller's to cut.
 */
export async function sendBytes(
  response: ServerResponse,
  pieces: AsyncIterable<Uint8Array>,
  name: string,
  abort: AbortController,
): Promise<void> {
  const { signal } = abort
  const begin = () =>
    response.writeHead(200, {
      'content-type': 'application/octet-stream',
      'content-disposition': `attachment; filename*=UTF-8''${encodeURIComponent(name)}`,
      'cache-control': 'no-store',
    })
  for await (const piece of pieces) {
    if (signal.aborted) break
    if (!response.headersSent) begin()
    if (!response.write(piece)) await departed(response, abort)
  }
  if (signal.aborted) throw signal.reason as Error
  if (!response.headersSent) begin()
  response.end()
}
