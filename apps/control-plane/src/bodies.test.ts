import { once } from 'node:events'
import { connect } from 'node:net'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { type TestControlPlane, openControlPlane, until } from './testing/open-control-plane.ts'

let plane: TestControlPlane
let viewer = ''

beforeAll(async () => {
  plane = await openControlPlane()
  viewer = (await plane.person('viewer')).key
}, 60_000)

afterAll(() => plane.dispose())

const whole = 4_000_000

/** Sends the head of a request with a body of 4 MB, and so many bytes of that; answers the status that comes. */
async function statusAfter(bytes: number, path: string, key = '', withinMs = 20_000): Promise<string> {
  const socket = connect({ host: '127.0.0.1', port: plane.port })
  socket.on('error', () => {})
  const bearer = key === '' ? '' : `Authorization: Bearer ${key}\r\n`
  const type = `Content-Type: application/json\r\nContent-Length: ${whole}\r\n`
  socket.write(`POST ${path} HTTP/1.1\r\nHost: 127.0.0.1:${plane.port}\r\n${bearer}${type}\r\n`)
  socket.write(Buffer.alloc(bytes, 'x'))
  try {
    const [answer] = (await once(socket, 'data', { signal: AbortSignal.timeout(withinMs) })) as [Buffer]
    return answer.toString().split(' ')[1] ?? ''
  } finally {
    socket.destroy()
  }
}

test.each([
  ['nothing of somebody unknown, below /api/v1', 0, '/api/v1/operations', false, '401'],
  ['nothing of somebody unknown, by tRPC', 0, '/api/trpc/operations.bulk', false, '401'],
  ['nothing of somebody unknown, in a batch', 0, '/api/trpc/people.create,keys.create?batch=1', false, '401'],
  ['little of who may not, below /api/v1', 70_000, '/api/v1/people', true, '403'],
  ['little of who may not, by tRPC', 70_000, '/api/trpc/people.create', true, '403'],
  ['little where anybody may ask: a sign-in', 20_000, '/api/auth/sign-in/email', false, '429'],
  ['little where anybody may ask: a report', 20_000, '/api/csp-report', false, '429'],
  ['little where anybody may ask: the set-up', 20_000, '/api/trpc/setup.check', false, '413'],
])('%s is read before the answer', async (_what, bytes, path, isKnown, status) => {
  expect(await statusAfter(bytes, path, isKnown ? viewer : '')).toBe(status)
})

test.each(['/api/v1/people', '/api/trpc/people.create', '/api/csp-report'])(
  'the rest of a body that nobody reads is not waited for: %s',
  async (path) => {
    const socket = connect({ host: '127.0.0.1', port: plane.port })
    socket.on('error', () => {})
    socket.write(`POST ${path} HTTP/1.1\r\nHost: 127.0.0.1:${plane.port}\r\nContent-Length: 1000000000\r\n\r\n`)
    const piece = Buffer.alloc(1024 * 1024, 'x')
    let written = 0
    const write = () => {
      written += piece.length
      socket.write(piece, (error) => {
        if (error === null || error === undefined) write()
      })
    }
    write()
    let answer = ''
    socket.on('data', (chunk: Buffer) => (answer += chunk.toString()))
    await until(() => socket.closed, 15_000, 'the end of the connection')
    expect(answer).toMatch(/^HTTP\/1.1 4\d\d /)
    expect(written).toBeLessThan(64 * 1024 * 1024)
  },
)

test('who is refused with a large body is told so, and the audit has a row', async () => {
  const body = { name: 'x'.repeat(whole), email: 'a@example.org', password: 'long enough one', role: 'viewer' }
  expect((await plane.rest(null, 'POST', '/people', body)).status).toBe(401)
  expect((await plane.rest(viewer, 'POST', '/people', body)).status).toBe(403)
  const { rows } = await plane.app.db.audit.list(plane.scope, { limit: 10, action: 'people.create' })
  expect(rows[0]).toMatchObject({ outcome: 'refused', target: '' })
  expect((await plane.rest(viewer, 'POST', '/people', { ...body, name: 'small' })).status).toBe(403)
  const small = await plane.app.db.audit.list(plane.scope, { limit: 1, action: 'people.create' })
  expect(small.rows[0]).toMatchObject({ outcome: 'refused', target: 'small a@example.org' })
})

test.each(['/api/v1/people', '/api/trpc/people.create'])(
  'large bodies of one person have a share, whichever way and with whichever key: %s',
  async (path) => {
    const owner = (await plane.person('owner', `sender${path.length}`)).key
    const { userId } = (await plane.app.db.apiKeys.verify(owner)) ?? { userId: '' }
    const other = await plane.app.db.apiKeys.create(plane.scope, { userId, name: 'other', expiresAt: null })
    const begun = Array.from({ length: 8 }, () => begin(owner, path))
    try {
      // Until all of those are under way this one is waited for like them.
      const refused = () => statusAfter(0, path, other.key, 1000).catch(() => '')
      await until(async () => (await refused()) === '429', 15_000, 'a refusal')
      expect((await plane.rest(other.key, 'GET', '/people')).status).toBe(200)
      expect((await plane.rest(viewer, 'POST', '/people', { name: 'small' })).status).toBe(403)
    } finally {
      for (const socket of begun) socket.destroy()
    }
    const body = { name: 'x'.repeat(whole) }
    // While it is refused the rest of it is not read, which may meet the sender before the answer does.
    const status = () =>
      plane.rest(owner, 'POST', '/people', body).then(
        (answer) => answer.status,
        () => 0,
      )
    await until(async () => (await status()) === 400, 15_000, 'room')
  },
  40_000,
)

/** A request whose body never comes whole. */
function begin(key: string, path: string) {
  const socket = connect({ host: '127.0.0.1', port: plane.port })
  socket.on('error', () => {})
  const type = `Content-Type: application/json\r\nContent-Length: ${whole}\r\n`
  const bearer = `Authorization: Bearer ${key}\r\n`
  socket.write(`POST ${path} HTTP/1.1\r\nHost: 127.0.0.1:${plane.port}\r\n${bearer}${type}\r\n`)
  return socket
}
