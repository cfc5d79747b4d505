import type { IncomingMessage, ServerResponse } from 'node:http'
import { constants } from 'node:zlib'
import compression from 'compression'

/** Shorter answers fit into a few packets as they are. */
const leastBytes = 4096
const { BROTLI_PARAM_LGWIN, BROTLI_PARAM_QUALITY } = constants

const pack = compression({
  threshold: leastBytes,
  // Streams have types of their own and are sent as they come; the dashboard's files were packed when it was built.
  filter: (_request, response) => /^(application\/json|text\/html)\b/.test(String(response.getHeader('content-type'))),
  // A window of 256 KiB: the usual one takes megabytes for each answer under way.
  brotli: { params: { [BROTLI_PARAM_QUALITY]: 4, [BROTLI_PARAM_LGWIN]: 18 } },
})

/**
 * Has pages and long JSON answers packed for whoever takes that: a list of 500 containers comes to a tenth. Nothing that a
 * stranger's page could make a browser ask for with its cookies is answered, so their length tells nobody what is in them.
 */
export function packAnswer(request: IncomingMessage, response: ServerResponse): void {
  pack(request, response, () => {})
}
