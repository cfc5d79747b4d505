import http2 from 'node:http2'
import { describe, expect, test } from 'vitest'
import { connect } from './connect.ts'
import { eager } from './eager.ts'
import { defaultLimits } from './limits.ts'
import { serve } from './serve.ts'
import { guardSession } from './session.ts'
import { testService } from './testing/service.ts'
import { testMethods } from './testing/table.ts'
import { transports } from '@flotilla/testkit/transports'

/** Seconds over all transports together, and the seed; both can be given to look at one failure for longer. */
const seconds = Number(process.env['LINK_HOSTILE_SECONDS'] ?? (process.env['FLOTILLA_LONG'] === '1' ? 60 : 6))
const seed = Number(process.env['LINK_HOSTILE_SEED'] ?? 20_261_124)

/** mulberry32: the same numbers for the same seed. */
function random(state: number): () => number {
  let now = state
  return () => {
    now = (now + 0x6d2b79f5) | 0
    let mixed = Math.imul(now ^ (now >>> 15), 1 | now)
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4_294_967_296
  }
}

function noise(next: () => number, length: number): Buffer {
  return Buffer.from(Array.from({ length }, () => Math.floor(next() * 256)))
}

/** A body of frames that are almost right. */
function body(next: () => number): Buffer {
  const valid = JSON.stringify({ input: { text: 'x' }, scope: { actor: '', permissions: [] } })
  const payload = next() < 0.5 ? Buffer.from(valid) : noise(next, Math.floor(next() * 300))
  const kind = next() < 0.7 ? Math.floor(next() * 2) : Math.floor(next() * 256)
  const length = next() < 0.6 ? payload.length : Math.floor(next() * 4_294_967_296)
  const header = Buffer.alloc(5)
  header.writeUInt8(kind, 0)
  header.writeUInt32BE(length, 1)
  return Buffer.concat([header, payload, next() < 0.3 ? noise(next, 40) : Buffer.alloc(0)])
}

describe.each(transports)('$name', (transport) => {
  const share = (seconds * 1000) / transports.length

  test('broken and hostile bytes and frames end a call or a link, and nothing else', {
    timeout: share + 60_000,
  }, async () => {
    const next = random(seed)
    const end = performance.now() + share
    const { service, seen } = testService()
    const find = (name: string) => (name === 'test' ? service : undefined)
    const paths = [
      '/-/hello',
      '/-/cancel',
      '/test/echo.say',
      '/test/lines.follow',
      '/test/files.put',
      '/test/terminal.open',
      '/x',
      '/',
    ]
    let rounds = 0
    let answered = 0
    while (performance.now() < end || rounds < 2) {
      rounds++
      const pair = await transport.open()
      const session = serve(pair.agent, { find, hello: { version: '1' }, limits: { openingMs: 300, graceMs: 200 } })
      pair.caller.on('error', () => {})
      if (rounds % 3 === 0) {
        // Not HTTP/2 at all, or not for long.
        if (next() < 0.5) pair.caller.write('PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n')
        pair.caller.write(noise(next, 1 + Math.floor(next() * 4000)))
      } else {
        const wire = eager(pair.caller, 4_000_000)
        const client = http2.connect('http://agent', { createConnection: () => wire })
        guardSession(client, wire, defaultLimits)
        for (let call = 0; call < 20 && !client.destroyed; call++) {
          const stream = client.request({ ':method': 'POST', ':path': paths[Math.floor(next() * paths.length)] ?? '/' })
          stream.on('error', () => {})
          stream.on('trailers', () => answered++)
          stream.resume()
          stream.write(body(next))
          if (next() < 0.7) stream.end()
          else if (next() < 0.3) stream.close(8)
        }
      }
      expect(['TIMEOUT', 'UNAVAILABLE', 'RESOURCE_EXHAUSTED']).toContain((await session.closed).code)
      await pair.close()
    }
    expect(answered).toBeGreaterThan(0)
    expect(seen.running).toBe(0)
    const pair = await transport.open()
    const session = serve(pair.agent, { find, hello: { version: '1' } })
    const link = await connect(pair.caller, { hello: { version: '1' } })
    expect(await link.client('test', testMethods).echo.say({ text: 'well' })).toEqual({ text: 'well' })
    link.close()
    await session.closed
    await pair.close()
  })
})
