/** The part of the package that is used here; its own types are those of express. */
declare module 'compression' {
  import type { IncomingMessage, ServerResponse } from 'node:http'
  import type { BrotliOptions } from 'node:zlib'

  export default function compression(options: {
    threshold: number
    filter: (request: IncomingMessage, response: ServerResponse) => boolean
    brotli: BrotliOptions
  }): (request: IncomingMessage, response: ServerResponse, next: () => void) => void
}
