import { everyHost, FleetIndex, followHost, HostGateway } from '@flotilla/api'
import { openDatabase } from '@flotilla/db'
import { createLogger } from '@flotilla/log'
import { FlotillaError, type HostFacts, type WatchItem } from '@flotilla/protocol'
import { expect, test } from 'vitest'
import { controlPlaneOfFile, indexedHost } from '../testing/indexed-host.ts'
import { until } from '../testing/open-control-plane.ts'
import { hostFacts, linkTo } from '../testing/scripted-host.ts'

const log = createLogger('test', 'silent')
const plane = controlPlaneOfFile()

/** A host whose watches are the ones that `watch` gives, one after the other; each stays open behind its last item. */
async function followed(name: string, watch: (facts: HostFacts) => Iterable<WatchItem>, mostHeld?: number) {
  const { db } = plane().app
  const { index, host } = await indexedHost(plane(), name)
  let breakOff = (_error: FlotillaError) => {}
  const link = await linkTo({
    agent: {
      async *watch(_input, call) {
        yield* watch(hostFacts)
        await new Promise<void>((resolve, reject) => {
          breakOff = reject
          call.signal.addEventListener('abort', () => resolve(), { once: true })
        })
      },
    },
  })
  const more = mostHeld === undefined ? {} : { mostHeld }
  const gateway = new HostGateway(index)
  const ended = followHost({ hostId: host.id, link, index, gateway, db, log, holder: 'me', ...more })
  return {
    index,
    host,
    breakOff: (error: FlotillaError) => breakOff(error),
    async end() {
      link.close()
      await ended
    },
  }
}

const version = { epoch: 'e1', sequence: 1 }
const whole = (facts: HostFacts, at = version): WatchItem[] => [
  { type: 'hello', version: at, resumed: false, facts, engines: [] },
  { type: 'snapshot-end', version: at },
]

test('while its watch fails a host is stale with the reason, until its whole state has come again', async () => {
  const tooLarge = new FlotillaError('RESOURCE_EXHAUSTED', 'A message is larger than the link takes.')
  let fails = false
  const { index, host, breakOff, end } = await followed('fails', (facts) => {
    if (fails) throw tooLarge
    return whole(facts)
  })
  await until(() => host.state === 'connected')
  fails = true
  breakOff(tooLarge)
  await until(() => host.stale)
  expect(host.toFleetHost()).toMatchObject({ state: 'connecting', reason: expect.stringMatching(/larger/) as string })
  fails = false
  await until(() => host.state === 'connected', 15_000)
  expect(host.reason).toBeUndefined()
  const reported = () => index.timelineOf({ ...plane().scope, seesHost: everyHost }).map(({ action }) => action)
  expect(reported()).toEqual(['connected'])
  await end()
  expect(reported()).toEqual(['away', 'connected'])
}, 30_000)

test('an agent that tells of more and more is cut off at what is held of one host, and is asked for the whole', async () => {
  const [mostHeld, bytes] = [4_000_000, 100_000]
  let sent = 0
  function* endless(facts: HostFacts): Generator<WatchItem> {
    yield* whole(facts)
    for (let sequence = 2; ; sequence += 1) {
      sent += 1
      const id = `c${sequence}`
      yield {
        ...{ type: 'row', version: { epoch: 'e1', sequence }, kind: 'volume', engine: 'x', id, action: 'create' },
        ...{ at: facts.bootedAt, actor: null, operationId: null },
        row: {
          ...{ id, engine: 'x', name: 'n'.repeat(bytes), labels: {}, driver: 'local', createdAt: null },
          ...{ sizeLimitBytes: null, anonymous: false, createdByFlotilla: false, mountpoint: '' },
        },
      }
    }
  }
  let rogue = true
  const again = { epoch: 'e2', sequence: 1 }
  const { index, host, end } = await followed(
    'rogue',
    (facts) => (rogue ? endless(facts) : whole(facts, again)),
    mostHeld,
  )
  await until(() => host.state === 'connecting' && host.reason?.includes('more of themselves') === true, 15_000)
  rogue = false
  expect(host.rows('volume').size).toBeLessThanOrEqual(mostHeld / bytes)
  expect(host.rows('volume').size).toBeGreaterThan(mostHeld / bytes / 2)
  // What was under way in the link when it was cut off is bounded too.
  expect(sent).toBeLessThan((2 * mostHeld) / bytes)
  const timeline = JSON.stringify(index.timelineOf({ ...plane().scope, seesHost: everyHost }))
  expect(timeline.length).toBeLessThan(100_000)
  await until(() => host.state === 'connected', 15_000)
  expect(host.rows('volume').size).toBe(0)
  await end()
}, 40_000)

test('a host is followed also where its facts cannot be kept', async () => {
  const { host, end } = await followed('odd-facts', (facts) => whole({ ...facts, kernel: 'a\u0000b' }))
  await until(() => host.state === 'connected')
  await end()
})

test('where the lease cannot be asked for, the link is let go, so that the host can come in again', async () => {
  const index = new FleetIndex('org')
  index.addHost({ id: 'h1', organisationId: 'org', name: 'one', transport: 'websocket' })
  const gateway = new HostGateway(index)
  const db = openDatabase({ url: 'postgres://nobody@127.0.0.1:1/none' })
  const link = await linkTo({})
  await expect(followHost({ hostId: 'h1', link, index, gateway, db, log, holder: 'me' })).rejects.toThrow()
  expect((await link.closed).code).toBe('CANCELLED')
  expect(gateway.linkOf('h1')).toBeUndefined()
  expect(index.host('h1')?.state).toBe('away')
  await db.close()
})
