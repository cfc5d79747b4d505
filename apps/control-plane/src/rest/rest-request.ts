import type { IncomingMessage, ServerResponse } from 'node:http'
import type { Context, RestApi } from '@flotilla/api'
import type { Shares } from '../shares.ts'

/** One request below /api/v1, and how its caller is looked up once more, for streams that outlive a right. */
export interface RestRequest {
  readonly api: RestApi
  readonly request: IncomingMessage
  readonly response: ServerResponse
  readonly url: URL
  readonly again: () => Promise<Context>
  /** What each person may have of answers that last. */
  readonly streams: Shares
  readonly bodies: Shares
}
