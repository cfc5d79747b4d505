import type { ServerResponse } from 'node:http'
import type { FlotillaError } from '@flotilla/protocol'
import { sendJson } from './answers.ts'

/**
 * The answer to whether the control plane is well. One that waits for its database says so and runs: to start it again would not
 * help. Why the database is away is for those who are signed in and for the log.
 */
export function sendHealth(response: ServerResponse, trouble: FlotillaError | undefined): void {
  if (trouble === undefined) sendJson(response, 200, { ok: true })
  else sendJson(response, 503, { ok: false, waitsFor: 'database' })
}
