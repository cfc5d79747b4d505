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
  await volumes.prune({ ids: made.map(({ volume }) => volume.id) }, system)
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
