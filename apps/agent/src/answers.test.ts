import { createFakeEngine, fakeImage } from '@flotilla/testkit'
import { type Row, systemScope } from '@flotilla/protocol'
import { afterEach, beforeEach, expect, it } from 'vitest'
import { openAgent } from './testing/open-agent.ts'

const system = { scope: systemScope }

/** Nothing is told of it: what the agent knows it has of lists and answers alone. */
function silentEngine() {
  const engine = createFakeEngine()
  const watch = async function* (_input: unknown, { signal }: { signal: AbortSignal }) {
    await new Promise<void>((resolve) => signal.addEventListener('abort', () => resolve(), { once: true }))
  }
  return { ...engine, events: { watch } }
}

let open: Awaited<ReturnType<typeof openAgent>>
beforeEach(async () => {
  open = await openAgent({ engine: silentEngine() })
})
afterEach(() => open.close())

/** The rows of a kind in a snapshot that is taken now. */
async function known(kind: string): Promise<Row[]> {
  const rows: Row[] = []
  for await (const item of open.agent.agent.watch({ kinds: [kind] }, system)) {
    if (item.type === 'rows') rows.push(...(item.rows as Row[]))
    if (item.type === 'snapshot-end') break
  }
  return rows
}

it('knows what a prune removed before any event comes', async () => {
  const { volumes, networks } = open.engine
  const made = await Promise.all(['a', 'b'].map((name) => volumes.create({ name }, system)))
  const { network } = await networks.create({ name: 'net' }, system)
  expect((await known('volume')).map(({ id }) => id).sort()).toEqual(made.map(({ volume }) => volume.id).sort())
  const marks = Object.fromEntries(made.map(({ volume }) => [volume.id, 'named']))
  await volumes.prune({ ids: Object.keys(marks), marks }, system)
  await networks.prune({ ids: [network.id] }, system)
  expect(await known('volume')).toEqual([])
  expect((await known('network')).map(({ id }) => id)).not.toContain(network.id)
})

it('knows a container as it is after a change of its networks', async () => {
  const { containers, networks } = open.engine
  const { container } = await containers.create({ image: fakeImage, command: ['/bin/sleep', '1000'] }, system)
  await containers.start({ id: container.id }, system)
  const answer = await networks.disconnect({ id: 'bridge', container: container.id }, system)
  expect(answer.version).toBeDefined()
  expect(answer.container).not.toHaveProperty('ipAddress')
  expect(await known('container')).toEqual([answer.container])
})

it('knows the size of a volume once somebody has measured it', async () => {
  const { volumes } = open.engine
  const { volume } = await volumes.create({ name: 'measured' }, system)
  expect(await known('volume')).toEqual([volume])
  const { sizeBytes, measuredAt, version } = await volumes.measure({ id: volume.id }, system)
  expect(version).toBeDefined()
  expect(await known('volume')).toEqual([{ ...volume, size: { sizeBytes, measuredAt } }])
})

it('brings back by a look nothing that has gone meanwhile', async () => {
  const engine = silentEngine()
  const look = engine.volumes?.measure
  if (look === undefined) throw new Error('the engine measures no volumes')
  const measure: typeof look = async (input, call) => {
    const answer = await look(input, call)
    await open.engine.volumes.remove({ id: input.id }, system)
    return answer
  }
  await open.close()
  open = await openAgent({ engine: { ...engine, volumes: { ...engine.volumes, measure } } })
  const { volume } = await open.engine.volumes.create({ name: 'going' }, system)
  const answer = await open.engine.volumes.measure({ id: volume.id }, system)
  expect(answer).toMatchObject({ sizeBytes: 0 })
  expect(answer.volume).toBeUndefined()
  expect(await known('volume')).toEqual([])
})
