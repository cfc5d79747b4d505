import { brotliCompressSync, constants, gzipSync } from 'node:zlib'
import { type App, openApiDocument, type RestApi } from '@flotilla/api'
import { accepts } from './dashboard.ts'
import type { HttpRoute } from './http-route.ts'

const { BROTLI_PARAM_QUALITY } = constants

const encodings = {
  br: (bytes: Buffer) => brotliCompressSync(bytes, { params: { [BROTLI_PARAM_QUALITY]: 4 } }),
  gzip: (bytes: Buffer) => gzipSync(bytes),
  identity: (bytes: Buffer) => bytes,
}
type Encoding = keyof typeof encodings

/**
 * The document is made when somebody first asks for it: that takes half a second of the processor, which each start would spend.
 * It is kept as it is sent, so that a stranger who asks for it again and again makes no work and takes no memory.
 */
export function documentRoute(app: App, api: RestApi): HttpRoute {
  const made = new Map<Encoding, Buffer>()
  const bytesOf = (encoding: Encoding): Buffer => {
    const known = made.get(encoding)
    if (known !== undefined) return known
    const whole = made.get('identity') ?? Buffer.from(JSON.stringify(openApiDocument(api, app.publicUrl, app.version)))
    const bytes = encodings[encoding](whole)
    made.set('identity', whole).set(encoding, bytes)
    return bytes
  }
  return {
    methods: ['GET'],
    path: '/api/v1/openapi.json',
    access: 'public',
    answer: (request, response) => {
      const wanted = request.headers['accept-encoding'] ?? ''
      const encoding = (['br', 'gzip'] as const).find((each) => accepts(wanted, each)) ?? 'identity'
      const bytes = bytesOf(encoding)
      response.setHeader('vary', 'accept-encoding')
      if (encoding !== 'identity') response.setHeader('content-encoding', encoding)
      response.writeHead(200, {
        'content-type': 'application/json; charset=utf-8',
        'content-length': bytes.length,
        // It is packed already, or wanted as it is.
        'cache-control': 'no-store, no-transform',
      })
      response.end(bytes)
    },
  }
}
