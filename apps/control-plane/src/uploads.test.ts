import { once } from 'node:events'
import { request } from 'node:http'
import { type Socket, connect } from 'node:net'
import { setTimeout as sleep } from 'node:timers/promises'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { type WithAgent, openWithAgent } from './testing/with-agent.ts'

/** What a request has to arrive here, where the product gives it a minute. */
const arrivalMs = 3000
let all: WithAgent
let key: string
let volume: string

beforeAll(async () => {
  all = await openWithAgent({ arrivalMs })
  key = (await all.plane.person('owner')).key
  const made = await all.plane.rest(key, 'POST', `/hosts/${all.host().id}/volumes`, { name: 'uploads' })
  volume = String(made.body['id'])
}, 60_000)
afterAll(() => all.dispose())

/** Begins an upload of so many bytes. */
function begin(path: string, bytes: number) {
  const sent = request(`${all.plane.url}/api/v1/volumes/${volume}/content?path=${path}`, {
    method: 'PUT',
    headers: {
      authorization: `Bearer ${key}`,
      'content-type': 'application/octet-stream',
      'content-length': String(bytes),
    },
  })
  const answer = new Promise<{ status: number; body: unknown }>((resolve, reject) => {
    sent.once('error', reject)
    sent.once('response', (response) => {
      let text = ''
      response.on('data', (piece: Buffer) => (text += piece.toString()))
      response.once('end', () => resolve({ status: response.statusCode ?? 0, body: JSON.parse(text) }))
    })
  })
  answer.catch(() => {}) // whoever waits for it hears of it
  return { sent, answer }
}

const sizes = async () => {
  const { body } = await all.plane.rest(key, 'GET', `/volumes/${volume}/files?path=`)
  return (body['items'] as { name: string; sizeBytes: number }[]).map(({ name, sizeBytes }) => [name, sizeBytes])
}

test('an upload that goes on may take longer than a request has to arrive', async () => {
  const pieces = 24
  const { sent, answer } = begin('slow', pieces * 1000)
  for (let at = 0; at < pieces; at += 1) {
    sent.write(Buffer.alloc(1000))
    await sleep(arrivalMs / 8)
  }
  sent.end()
  expect(await answer).toMatchObject({ status: 200, body: { name: 'slow', sizeBytes: pieces * 1000 } })
  expect(await sizes()).toContainEqual(['slow', pieces * 1000])
})

test('an upload that stands still is ended in words, and leaves nothing', async () => {
  const { sent, answer } = begin('still', 2000)
  sent.write(Buffer.alloc(1000))
  const { status, body } = await answer
  expect([status, body]).toMatchObject([504, { code: 'TIMEOUT', kind: 'request.stalled', params: { seconds: 3 } }])
  await once(sent, 'close')
  expect(await sizes()).not.toContainEqual(expect.arrayContaining(['still']))
})

/** Sends a head, then a byte of its body each tenth of the time; answers what came back and how long it was taken. */
async function trickle(head: readonly string[]): Promise<{ answer: string; tookMs: number }> {
  const socket: Socket = connect(Number(new URL(all.plane.url).port), '127.0.0.1')
  let answer = ''
  socket.on('data', (piece) => (answer += piece.toString()))
  socket.on('error', () => {}) // it is closed in the middle of a byte
  const closed = new Promise<void>((resolve) => socket.once('close', () => resolve()))
  const since = performance.now()
  socket.write([...head, `host: ${new URL(all.plane.url).host}`, 'content-length: 100000', '', ''].join('\r\n'))
  const timer = setInterval(() => socket.write('['), arrivalMs / 10)
  try {
    await closed
    return { answer, tookMs: performance.now() - since }
  } finally {
    clearInterval(timer)
  }
}

const bytes = 'content-type: application/octet-stream'
test.each([
  ['an upload of nobody', () => ['PUT /api/v1/volumes/x/content?path=f HTTP/1.1', bytes], '401'],
  ['a sign-in', () => ['POST /api/auth/sign-in/email HTTP/1.1', 'content-type: application/json'], '504'],
  ['a body where none belongs', () => ['GET /healthz HTTP/1.1'], '200'],
  [
    'a call of somebody who is signed in',
    () => ['POST /api/v1/hosts/x/volumes HTTP/1.1', 'content-type: application/json', `authorization: Bearer ${key}`],
    '504',
  ],
])('%s that trickles in is ended in the time that a request has', async (_what, head, status) => {
  const { answer, tookMs } = await trickle(head())
  expect(answer).toMatch(new RegExp(`^HTTP/1.1 ${status}`))
  expect(tookMs).toBeLessThan(arrivalMs * 3)
})
