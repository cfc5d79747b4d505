import { createRouter, unaryRoutes } from '@flotilla/api'
import { ErrorCode, findErrorKind } from '@flotilla/protocol'
import { property } from '@flotilla/testkit/properties'
import { valuesOf } from '@flotilla/testkit/values-of'
import fc from 'fast-check'
import { afterAll, beforeAll, describe, expect } from 'vitest'
import { type WithAgent, openWithAgent } from '../testing/with-agent.ts'

let all: WithAgent
let key = ''
let known: Record<string, string> = {}

beforeAll(async () => {
  all = await openWithAgent()
  key = (await all.plane.person('owner')).key
  const [container = ''] = all.host().rows('container').keys()
  const [image = ''] = all.host().rows('image').keys()
  known = { host: all.host().id, container, image }
}, 60_000)
afterAll(() => all.dispose())

const routes = unaryRoutes(createRouter()).filter(({ access }) => access !== 'public')

/** What stands in a path: an object that is there, or nothing that is. */
const place = fc.oneof(
  fc.constantFrom('container', 'image', '', 'nobody', '%', '%00', '%2f', '%F0%9F'),
  fc.string({ maxLength: 4 }).map(encodeURIComponent),
)

/** What is of another type, or a text that no database takes. */
const anything = fc.oneof(fc.jsonValue({ maxDepth: 2 }), fc.constantFrom('\0', 'a\0b', '\ud800'))
const otherwise = (values: fc.Arbitrary<unknown>) =>
  fc.oneof({ weight: 60, arbitrary: values }, { weight: 1, arbitrary: anything })

const bodies = routes.map(({ input }) => valuesOf(input, otherwise))
const request = fc
  .nat(routes.length - 1)
  .chain((at) => fc.record({ at: fc.constant(at), body: bodies[at] ?? anything, id: place, isHost: fc.boolean() }))

/** Sends it; the answer is what was asked for, or a failure of the catalog that is nobody's inside. */
async function isAnswered(path: string, method: string, body?: string): Promise<void> {
  const response = await fetch(`${all.plane.url}/api/v1${path}`, {
    method,
    headers: { authorization: `Bearer ${key}`, 'content-type': 'application/json' },
    ...(body === undefined ? {} : { body }),
    signal: AbortSignal.timeout(60_000),
  })
  const text = await response.text()
  if (response.status < 400) return
  const { code, kind } = JSON.parse(text) as { code: string; kind: string }
  expect(ErrorCode.options).toContain(code)
  expect([path, text]).toEqual([path, expect.not.stringContaining('"INTERNAL"')])
  expect(findErrorKind(kind)).toBeDefined()
}

describe('a request below /api/v1', () => {
  property('is answered, or refused in words that can be told', [request], async ({ at, body, id, isHost }) => {
    const { method, path } = routes[at] as (typeof routes)[number]
    const where = path.replaceAll(/\{(\w+)\}/g, (_, name: string) =>
      name === 'hostId' && isHost ? (known['host'] ?? '') : (known[id] ?? (id === '' ? 'none' : id)),
    )
    const fields = typeof body === 'object' && body !== null && !Array.isArray(body) ? Object.entries(body) : []
    const sent = Object.fromEntries(fields.filter(([name]) => !path.includes(`{${name}}`)))
    // A container that does not end by itself is given as long as was asked for, an hour at most.
    const { timeoutSeconds: grace } = sent
    if (typeof grace === 'number' && grace > 1 && grace <= 3600) sent['timeoutSeconds'] = 1
    if (method !== 'GET') return isAnswered(where, method, JSON.stringify(fields.length === 0 ? body : sent))
    const query = new URLSearchParams(
      Object.entries(sent).map(([name, value]) => [name, typeof value === 'string' ? value : JSON.stringify(value)]),
    )
    return isAnswered(`${where}?${query.toString()}`, method)
  })

  property('may have any body', [fc.oneof(fc.json(), fc.string({ unit: 'binary' }))], (body) =>
    isAnswered(`/hosts/${known['host'] ?? ''}/containers`, 'POST', body),
  )
})
