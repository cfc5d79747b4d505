import { setTimeout as sleep } from 'node:timers/promises'
import { ErrorCode, findErrorKind, liveEvents, Role, type StreamEnd } from '@flotilla/protocol'
import { signIn } from '@flotilla/testkit/lab/platform-setup'
import fc from 'fast-check'
import { io, type Socket } from 'socket.io-client'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { type Figures, startFuzzed } from './fuzzed.ts'
import { type Asked, opening, request, routes } from './openapi-requests.ts'

// Requests of every route of the OpenAPI document, as everybody and as nobody, its streams and the live channel included: none is
// answered with an internal error, and what the control plane and its agent hold does not grow with their number.

const minutes = Number(process.env['FLOTILLA_FUZZ_MINUTES'] ?? 60)
const seed = Number(process.env['FLOTILLA_FUZZ_SEED'] ?? performance.timeOrigin % 2 ** 31) | 0
const rounds = 6
const roundMs = (minutes * 60_000) / rounds
const answerMs = 60_000
/** What may differ between two rounds: pools, caches, the heap's own pieces. */
const slack = { rssMiB: 60, heapMiB: 20, open: 12, files: 30, rows: 40 }
/** Tables that keep the newest of their kind, and how many those are at most. */
const bounded: Record<string, number> = { audit_entry: 2200, platform_operation: 2100, platform_operation_step: 6000 }

let fuzzed: Awaited<ReturnType<typeof startFuzzed>>
let known: Record<string, string> = {}
const sockets: Socket[] = []
const internal: string[] = []
const statuses = new Map<string, number>()

beforeAll(async () => {
  fuzzed = await startFuzzed()
  for (const { email, password } of fuzzed.people) {
    const cookie = await signIn(fuzzed.url, { email, password })
    const ways = { path: '/api/socket.io', transports: ['websocket'], forceNew: true }
    const socket = io(fuzzed.url, { ...ways, extraHeaders: { cookie, origin: fuzzed.url } })
    socket.on(liveEvents.streamEnd, ({ error }: StreamEnd) => note('a stream', error))
    sockets.push(socket)
  }
})
afterAll(async () => {
  for (const socket of sockets) socket.disconnect()
  await fuzzed?.close()
})

function note(what: string, error: { code?: string } | undefined): void {
  if (error?.code === 'INTERNAL') internal.push(`${what}: ${JSON.stringify(error)}`)
}

const owner = () => fuzzed.people[0]?.key ?? ''

async function asOwner(method: string, path: string, body?: object): Promise<Record<string, unknown>> {
  const response = await fetch(`${fuzzed.url}/api/v1${path}`, {
    method,
    headers: { authorization: `Bearer ${owner()}`, 'content-type': 'application/json' },
    ...(method === 'GET' ? {} : { body: JSON.stringify(body ?? {}) }),
    signal: AbortSignal.timeout(answerMs),
  })
  const text = await response.text()
  return text === '' ? {} : (JSON.parse(text) as Record<string, unknown>)
}

const listed = async (path: string) => {
  const answer = await asOwner('GET', path)
  return (Array.isArray(answer) ? answer : (answer['items'] ?? [])) as Record<string, string>[]
}

/** Objects for the next round: what a person would have, whatever the one before did to it. */
async function prepare(): Promise<void> {
  const { hostId } = fuzzed
  await asOwner('POST', `/hosts/${hostId}/images/pull`, { reference: 'busybox' })
  for (let at = 0; at < 3; at += 1) {
    const { id } = await asOwner('POST', `/hosts/${hostId}/containers`, { image: 'busybox', command: ['sleep', '600'] })
    await asOwner('POST', `/containers/${String(id)}/start`)
    known['container'] = String(id)
  }
  known['volume'] = String((await asOwner('POST', `/hosts/${hostId}/volumes`, { name: 'data' }))['id'])
  known['network'] = String((await asOwner('POST', `/hosts/${hostId}/networks`, { name: 'net' }))['id'])
  known = { ...known, host: hostId, person: fuzzed.people.at(-1)?.userId ?? '' }
  known['image'] = String((await listed('/images?limit=1'))[0]?.['id'])
  known['operation'] = String((await listed('/operations?limit=1'))[0]?.['id'])
}

/** Takes away what the requests have made. */
async function tidy(): Promise<void> {
  const own = new Set(fuzzed.people.map(({ userId }) => userId))
  for (const { userId = '' } of await listed('/people'))
    if (!own.has(userId)) await asOwner('DELETE', `/people/${userId}`)
  for (const { id = '' } of await listed('/hosts')) if (id !== fuzzed.hostId) await asOwner('DELETE', `/hosts/${id}`)
  for (const kind of ['containers', 'volumes', 'networks']) {
    for (let page = await listed(`/${kind}?limit=200`); page.length > 0; page = await listed(`/${kind}?limit=200`)) {
      const gone = await Promise.all(
        page.map(({ id = '' }) => asOwner('DELETE', `/${kind}/${id}?force=true`, { force: true })),
      )
      if (gone.every(({ code }) => code !== undefined)) break
    }
  }
}

/** Sends it as somebody; the answer is what was asked for, or a failure of the catalog that is nobody's inside. */
async function isAnswered(asked: Asked, who: string, key: string | null): Promise<void> {
  const { method, path, isBytes, isStream } = routes[asked.at] as (typeof routes)[number]
  const { input, id, bytes, isText, leaveMs } = asked
  const where = path.replaceAll(/\{(\w+)\}/g, (_, name: string) =>
    name === 'hostId' && asked.isHost ? fuzzed.hostId : (known[id] ?? (id === '' ? 'none' : id)),
  )
  const isPlain = typeof input === 'object' && input !== null && !Array.isArray(input)
  const sent = Object.fromEntries(Object.entries(isPlain ? input : {}).filter(([name]) => !path.includes(`{${name}}`)))
  // A container that does not end by itself is given as long as was asked for, an hour at most.
  const { timeoutSeconds: grace } = sent
  if (typeof grace === 'number' && grace > 1 && grace <= 3600) sent['timeoutSeconds'] = 1
  const inQuery = method === 'GET' || isBytes
  const words = Object.entries(inQuery ? sent : {}).map(([name, value]) => [
    name,
    typeof value === 'string' ? value : JSON.stringify(value),
  ])
  const left = new AbortController()
  const late = setTimeout(() => left.abort(), answerMs)
  const response = await fetch(`${fuzzed.url}/api/v1${where}?${new URLSearchParams(words).toString()}`, {
    method,
    headers: {
      ...(key === null ? {} : { authorization: `Bearer ${key}` }),
      'content-type': isBytes ? 'application/octet-stream' : 'application/json',
      ...(isText ? { accept: 'text/plain' } : {}),
    },
    ...(method === 'GET' ? {} : { body: bytes ?? JSON.stringify(isPlain ? sent : (input ?? null)) }),
    signal: left.signal,
  })
  try {
    const { status } = response
    statuses.set(`${who} ${status}`, (statuses.get(`${who} ${status}`) ?? 0) + 1)
    if (status < 400 && isStream) return await leave(response, left, leaveMs)
    const text = await response.text()
    if (status < 400) return
    const { code = '', kind = '' } = JSON.parse(text) as { code?: string; kind?: string }
    expect(ErrorCode.options, text).toContain(code)
    expect([who, method, where, text]).toEqual([who, method, where, expect.not.stringContaining('"INTERNAL"')])
    expect(status).not.toBe(500)
    expect(findErrorKind(kind), text).toBeDefined()
  } finally {
    clearTimeout(late)
  }
}

/** Reads for a while, then goes, as people do. */
async function leave(response: Response, left: AbortController, ms: number): Promise<void> {
  const gone = sleep(ms)
  const reader = response.body?.getReader()
  const read = (async () => {
    while (reader !== undefined && !left.signal.aborted) if ((await reader.read()).done) return
  })().catch(() => undefined) // its connection may be cut: that is how a failure is told after the first byte
  await Promise.race([gone, read])
  left.abort()
}

/** Opens streams of the live channel and closes most of them. */
async function live(until: number, who: number): Promise<void> {
  const socket = sockets[who]
  if (socket === undefined) return
  let stream = who * 1_000_000
  while (performance.now() < until) {
    const [value = {}] = fc.sample(opening, { numRuns: 1, seed: seed + stream })
    stream += 1
    const input = Object(value['input']) as Record<string, unknown>
    const ids = Math.random() < 0.7 ? { id: known['container'], container: known['container'] } : {}
    const given = Object.fromEntries(Object.entries(ids).filter(([name]) => name in input))
    const answer = (await socket
      .timeout(answerMs)
      .emitWithAck(liveEvents.streamOpen, { ...value, stream, input: { ...input, ...given } })
      .catch((error: unknown) => (socket.connected ? Promise.reject(error as Error) : {}))) as {
      error?: { code?: string }
    }
    note('opening a stream', answer.error)
    await sleep(50)
    socket.emit(liveEvents.streamClose, { stream })
  }
}

async function round(number: number): Promise<void> {
  const until = performance.now() + roundMs
  const everybody = [...fuzzed.people.map(({ role, key }) => ({ role, key })), { role: 'nobody', key: null }]
  const lanes = everybody.map(({ role, key }, at) =>
    fc.assert(
      fc.asyncProperty(request, (asked) => isAnswered(asked, role, key)),
      {
        seed: seed + number * 100 + at,
        numRuns: Number.MAX_SAFE_INTEGER,
        interruptAfterTimeLimit: until - performance.now(),
      },
    ),
  )
  await Promise.all([...lanes, ...fuzzed.people.map((_, at) => live(until, at))])
}

function expectNoGrowth(from: Figures, to: Figures): void {
  const grown: Record<string, [number, number]> = {}
  const hold = (name: string, before: number, after: number, most: number) => {
    if (after > most) grown[name] = [before, after]
  }
  for (const [name, count] of Object.entries(to.rows)) {
    const before = from.rows[name] ?? 0
    hold(name, before, count, bounded[name] ?? before + slack.rows)
  }
  hold('plane rss', from.plane.rssMiB, to.plane.rssMiB, from.plane.rssMiB + slack.rssMiB)
  hold('plane heap', from.plane.heapMiB, to.plane.heapMiB, from.plane.heapMiB + slack.heapMiB)
  hold('plane open', from.plane.open, to.plane.open, from.plane.open + slack.open)
  hold('agent rss', from.agent.rssMiB, to.agent.rssMiB, from.agent.rssMiB + slack.rssMiB)
  hold('agent open', from.agent.open, to.agent.open, from.agent.open + slack.open)
  hold('files', from.files, to.files, from.files + slack.files)
  expect(grown).toEqual({})
}

test(`for ${minutes} minutes nothing is answered with an internal error, and nothing grows`, {
  timeout: minutes * 90_000 + 600_000,
}, async () => {
  expect(Role.options.map(String)).toEqual(fuzzed.people.map(({ role }) => role))
  const at: Figures[] = []
  for (let number = 0; number < rounds; number += 1) {
    await prepare()
    await round(number)
    await tidy()
    await sleep(12_000) // operations that have ended are let go of every ten seconds
    at.push(await fuzzed.figures())
    process.stdout.write(`round ${number}, seed ${seed}: ${JSON.stringify(at.at(-1))}\n`)
  }
  process.stdout.write(
    `${[...statuses]
      .sort()
      .map(([name, count]) => `${name}: ${count}`)
      .join(', ')}\n`,
  )
  expect(internal).toEqual([])
  const [, warm, , , , last] = at
  if (warm !== undefined && last !== undefined) expectNoGrowth(warm, last)
})
