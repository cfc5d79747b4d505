import type { IncomingMessage, ServerResponse } from 'node:http'
import type { Access } from '@flotilla/api'

/**
 * One way into the server. `access` is the right it asks for; `by-procedure` where each procedure or route behind it
 * declares its own.
 */
export interface HttpRoute {
  readonly methods: readonly string[]
  /** A whole path, or everything below it where it ends in `/*`. */
  readonly path: string
  readonly access: Access | 'by-procedure'
  answer(request: IncomingMessage, response: ServerResponse, url: URL): Promise<void> | void
}
