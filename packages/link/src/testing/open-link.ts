import { setTimeout as sleep } from 'node:timers/promises'
import type { Client } from '@flotilla/protocol'
import { onTestFinished } from 'vitest'
import { connect, type Link } from '../connect.ts'
import type { Limits } from '../limits.ts'
import { type LinkSession, serve } from '../serve.ts'
import { type Seen, testService } from './service.ts'
import { testMethods } from './table.ts'
import type { Pair, Transport } from '@flotilla/testkit/transports'

export interface OpenLink {
  pair: Pair
  session: LinkSession
  link: Link
  client: Client<typeof testMethods>
  seen: Seen
}

/** A link over the transport with the test service behind it; closed when the test has ended. */
export async function openLink(transport: Transport, limits: Partial<Limits> = {}): Promise<OpenLink> {
  const pair = await transport.open()
  const { service, seen } = testService()
  const session = serve(pair.agent, {
    find: (name) => (name === 'test' ? service : undefined),
    hello: { version: '1.2.3', name: 'host' },
    limits,
  })
  const link = await connect(pair.caller, { hello: { version: '1.2.4' }, limits })
  onTestFinished(async () => {
    link.close()
    session.close()
    await Promise.all([link.closed, session.closed])
    await pair.close()
  })
  return { pair, session, link, client: link.client('test', testMethods), seen }
}

/** Waits until it is so; throws after `timeoutMs`. */
export async function until(isSo: () => boolean, timeoutMs = 5000): Promise<void> {
  const end = performance.now() + timeoutMs
  while (!isSo()) {
    if (performance.now() > end) throw new Error(`Not so after ${timeoutMs} ms: ${isSo.toString()}`)
    await sleep(5)
  }
}

/** The error that a promise ends with; a promise that fulfils fails the test. */
export async function errorOf(promise: Promise<unknown>): Promise<{ code: string; message: string }> {
  const outcome: unknown = await promise.then(
    (value) => new Error(`Expected an error, got ${JSON.stringify(value)}`),
    (error: unknown) => error,
  )
  if (outcome instanceof Error && 'code' in outcome) return { code: String(outcome.code), message: outcome.message }
  throw outcome
}

/** Reads everything; a guard for tests on what streams give. */
export async function all<T>(items: AsyncIterable<T>): Promise<T[]> {
  const list: T[] = []
  for await (const item of items) list.push(item)
  return list
}
