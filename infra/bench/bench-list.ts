import { type FleetContainer, FlotillaError } from '@flotilla/protocol'
import { type Platform, startPlatform } from '@flotilla/testkit/lab/platform'
import { signIn } from '@flotilla/testkit/lab/platform-setup'
import { until } from '@flotilla/testkit/lab/tab'
import type { LoneBench } from './bench.ts'
import { type Figure, judge } from './figure.ts'
import { indexAlone } from './index-alone.ts'
import { keepAlive } from './keep-alive.ts'
import { type Peer, startPeer } from './peer-process.ts'
import { timed } from './turns.ts'

const containers = 20_000
const callsATurn = 20
const atOnce = 8
const rateMs = 2000
/** As many rows as the dashboard's list asks for. */
const pageOfList = 500

type Query = Record<string, string | number>
interface Answer {
  items: FleetContainer[]
  total: number
  nextCursor: string | null
}

export const listBench: LoneBench = {
  id: 'list',
  title: 'The server side of the list',
  how: `Pages of the list of ${containers.toLocaleString('en')} containers (an engine in memory), asked for by REST with an API key over
connections that stay open, one after the other, ${callsATurn} calls of each kind a turn; the dashboard's own call, by tRPC with its cookie, beside.
Pages hold ${pageOfList} rows, the counts alone one. Nothing is packed. The peer is a bare node:http server in a process of its own that
answers the same values by JSON.stringify. Calls a second: ${atOnce} callers for ${rateMs / 1000} s. The index alone: the control plane's index with the
same rows, asked in this process; its peer is JSON.stringify of what it answers. Both in processor time, which a busy machine leaves as it is.`,
  async measureAlone({ runs }) {
    const platform = await startPlatform({ fake: containers })
    try {
      return await measure(platform, runs)
    } finally {
      await platform.close()
    }
  },
}

async function measure(platform: Platform, runs: number): Promise<Figure[]> {
  const asker = keepAlive(atOnce)
  const key = { authorization: `Bearer ${platform.apiKey}` }
  const address = (query: Query) => `${platform.url}/api/v1/containers?${search(query)}`
  const page = async (query: Query) => JSON.parse(await asker.get(address(query), key)) as Answer
  await until('the whole list', async () => (await page({ limit: 1 })).total === containers, 60_000)
  const { rows, deepCursor } = await everyRow(page)
  const queries: Record<string, Query> = {
    'first page': { limit: pageOfList },
    'search for two words': { limit: pageOfList, search: 'billing worker' },
    'filter by state and label': { limit: pageOfList, state: 'running', label: 'project=shop' },
    'deep page, newest first': { limit: pageOfList, sort: 'created', order: 'desc', cursor: deepCursor },
    'counts alone': { limit: 1 },
  }
  const answers: Record<string, Answer> = {}
  for (const [name, query] of Object.entries(queries)) {
    const answer = await page(query)
    if (answer.items.length === 0) throw new FlotillaError('INTERNAL', `The query "${name}" finds nothing.`)
    answers[name] = answer
  }
  const bare: Peer<{ port: number }> = await startPeer('bare-http.ts', answers)
  try {
    const bareAddress = (name: string) => `http://127.0.0.1:${bare.reported.port}/${encodeURIComponent(name)}`
    const cookie = await signIn(platform.url, platform.admin)
    const input = encodeURIComponent(JSON.stringify({ limit: pageOfList }))
    const trpc = () => asker.get(`${platform.url}/api/trpc/containers.list?input=${input}`, { cookie })
    const found: Figure[] = []
    for (const [name, query] of Object.entries(queries)) {
      const ours = () => asker.get(address(query), key)
      found.push(...(await latency(name, ours, () => asker.get(bareAddress(name)), runs)))
    }
    const first = 'first page'
    const theirs = () => asker.get(bareAddress(first))
    found.push(...(await latency(`${first} by tRPC`, trpc, theirs, runs)))
    found.push(await rate(first, () => asker.get(address(queries[first] ?? {}), key), theirs, runs))
    return [...found, ...alone(rows, queries, runs)]
  } finally {
    asker.close()
    await bare.close()
  }
}

const search = (query: Query) =>
  new URLSearchParams(Object.entries(query).map(([name, value]) => [name, String(value)]))

/** All rows, and the cursor of a page three quarters down the list by age, from its end. */
async function everyRow(page: (query: Query) => Promise<Answer>) {
  const rows: FleetContainer[] = []
  let cursor: string | null = null
  let deepCursor = ''
  do {
    const query: Query = { limit: pageOfList, sort: 'created', order: 'desc' }
    const { items, nextCursor }: Answer = await page(cursor === null ? query : { ...query, cursor })
    rows.push(...items)
    if (rows.length <= containers * 0.75) deepCursor = nextCursor ?? ''
    cursor = nextCursor
  } while (cursor !== null)
  return { rows, deepCursor }
}

async function latency(
  what: string,
  ours: () => Promise<string>,
  theirs: () => Promise<string>,
  runs: number,
): Promise<Figure[]> {
  const [own, bare]: [number[], number[]] = [[], []]
  for (let turn = 0; turn <= runs; turn += 1) {
    for (let call = 0; call < callsATurn; call += 1) {
      const times = [await timed(ours), await timed(theirs)] as const
      if (turn === 0) continue // gets warm
      own.push(times[0])
      bare.push(times[1])
    }
  }
  const judged = { unit: 'ms', ours: own, peers: [{ name: 'bare node:http', values: bare }] } as const
  return [judge({ what: `${what}, p50`, ...judged }), judge({ what: `${what}, p95`, ...judged, percent: 95 })]
}

async function rate(
  what: string,
  ours: () => Promise<string>,
  theirs: () => Promise<string>,
  runs: number,
): Promise<Figure> {
  const [own, bare]: [number[], number[]] = [[], []]
  for (let turn = 0; turn <= runs; turn += 1) {
    const rates = [await callsPerSecond(ours), await callsPerSecond(theirs)] as const
    if (turn === 0) continue
    own.push(rates[0])
    bare.push(rates[1])
  }
  const peers = [{ name: 'bare node:http', values: bare }]
  return judge({ what: `${what}, ${atOnce} at once`, unit: 'calls/s', ours: own, peers })
}

async function callsPerSecond(call: () => Promise<string>): Promise<number> {
  const begun = performance.now()
  let calls = 0
  const caller = async () => {
    while (performance.now() - begun < rateMs) {
      await call()
      calls += 1
    }
  }
  await Promise.all(Array.from({ length: atOnce }, caller))
  return (calls / (performance.now() - begun)) * 1000
}

function alone(rows: readonly FleetContainer[], queries: Record<string, Query>, runs: number): Figure[] {
  const ask = indexAlone(rows)
  return Object.entries(queries).map(([name, query]) => {
    const [own, written]: [number[], number[]] = [[], []]
    for (let call = 0; call < callsATurn * (runs + 1); call += 1) {
      const begun = process.cpuUsage()
      const answer = ask(query)
      const asked = processorMs(begun)
      const between = process.cpuUsage()
      JSON.stringify(answer)
      if (call < callsATurn) continue // gets warm
      own.push(asked)
      written.push(processorMs(between))
    }
    // One row is written in no time: that says nothing of the counts.
    const peers = query['limit'] === 1 ? [] : [{ name: 'JSON.stringify', values: written }]
    return judge({ what: `${name}, processor time of the index alone`, unit: 'ms', ours: own, peers })
  })
}

function processorMs(since: NodeJS.CpuUsage): number {
  const { user, system } = process.cpuUsage(since)
  return (user + system) / 1000
}
