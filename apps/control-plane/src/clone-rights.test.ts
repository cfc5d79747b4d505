import { afterAll, beforeAll, expect, test } from 'vitest'
import { denyingPolicy } from './testing/hiding.ts'
import { openWithAgent, type WithAgent } from './testing/with-agent.ts'

// A copy of a volume is as good to read as the original: who may not read the files of that makes none.

/** Files of what is labelled so are read by owners alone. */
const policy = denyingPolicy(
  (permission, { labels }) => permission === 'volumes.files.read' && labels?.['files'] === 'secret',
)
let all: WithAgent
const keys: Record<string, string> = {}

beforeAll(async () => {
  all = await openWithAgent({ policy, containers: 0 })
  for (const role of ['owner', 'operator'] as const) keys[role] = (await all.plane.person(role)).key
}, 60_000)
afterAll(() => all?.dispose())

const ask = (who: string, method: string, path: string, body?: object) =>
  all.plane.rest(keys[who] ?? '', method, path, body)

async function make(name: string, labels: Record<string, string>): Promise<string> {
  const made = await ask('owner', 'POST', `/hosts/${all.host().id}/volumes`, { name, labels })
  expect([made.status, made.text]).toEqual([200, made.text])
  return String(made.body['id'])
}

test('a volume is cloned by who may read its files, and by nobody else', async () => {
  const [open, secret] = [await make('open', {}), await make('secret', { files: 'secret' })]
  const clone = (who: string, id: string) => ask(who, 'POST', `/volumes/${id}/clone`, { name: 'copy', labels: {} })
  const refused = await clone('operator', secret)
  expect([refused.status, refused.body]).toMatchObject([
    403,
    { code: 'PERMISSION_DENIED', params: { permission: 'volumes.files.read' } },
  ])
  // Whoever may is answered by the engine in memory, which has no copies.
  for (const [who, id] of [
    ['operator', open],
    ['owner', secret],
  ] as const) {
    expect((await clone(who, id)).body).toMatchObject({ code: 'UNSUPPORTED' })
  }
})
