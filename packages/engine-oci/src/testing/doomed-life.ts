import { strict as assert } from 'node:assert'
import { setTimeout as sleep } from 'node:timers/promises'
import { type Opened, type Place, testImage } from './open-engine.ts'

/** What a test tells an agent that it lets be killed. */
export interface Doom {
  place: Place
  /** Where it kills itself, and only while it makes the last of its calls. */
  point: string
  calls: readonly LifeCall[]
  /** What the instance has on the machine while it has no container. */
  clean: readonly string[]
  /** Network namespaces that it keeps ready; as many as usual where nothing is said. */
  spares?: number
}

export type LifeCall = keyof ReturnType<typeof createLife>

/** A container's life from create to remove. */
export const wholeLife: readonly LifeCall[] = [
  ...(['create', 'start'] as const),
  ...(['createNetwork', 'connect', 'publish', 'unpublish', 'disconnect', 'removeNetwork'] as const),
  ...(['exec', 'removeExec', 'exec', 'stop', 'remove'] as const),
]

/** Runs until it is told to end, and on SIGUSR1 writes more than a log file may hold. */
const script = `trap "exit 3" TERM; trap "left=25" USR1; left=0
while :; do
  if [ $left -gt 0 ]; then left=$((left-1)); seq 1 200; sleep 0.01; else sleep 0.1; fi
done`
const doomed = { id: 'doomed' }
const first = { ...doomed, ports: [{ containerPort: 80 }] }
const second = { ...doomed, ports: [{ containerPort: 81 }] }

/**
 * The calls of the life of one container, on one network of its own beside the usual one. Each may be repeated by a caller that
 * has no answer to it: what is done already is answered as it is. Throws where an answer is not what the call was to do.
 */
export function createLife({ client: { containers, exec }, networks }: Opened) {
  const network = async () => (await networks.list({})).find(({ name }) => name === 'doomed')
  const expectNetworks = async (wanted: string[]) => {
    const detail = await containers.inspect(doomed)
    assert.deepEqual(detail.networks?.map(({ name }) => name).sort(), wanted)
  }
  const expectPorts = (container: { ports: { containerPort: number }[] }, wanted: number[]) => {
    assert.deepEqual(container.ports.map(({ containerPort }) => containerPort).sort(), wanted)
  }
  return {
    async create() {
      const [before] = await containers.list({})
      const spec = { name: 'doomed', image: testImage, command: ['/bin/sh', '-c', script], ports: first.ports }
      const { container } = await containers.create(spec, { operationId: 'doomed-operation' })
      assert.equal(container.id, before?.id ?? container.id, 'one operation made two containers')
    },
    async start() {
      assert.equal((await containers.start(doomed)).container.state, 'running')
    },
    async createNetwork() {
      const before = await network()
      const made = await networks.create({ name: 'doomed' }, { operationId: 'doomed-network' })
      assert.equal(made.network.id, before?.id ?? made.network.id, 'one operation made two networks')
    },
    async connect() {
      await networks.connect({ id: 'doomed', container: 'doomed', aliases: ['alias'] })
      await expectNetworks(['bridge', 'doomed'])
    },
    async publish() {
      expectPorts((await networks.publish(second)).container, [80, 81])
    },
    async unpublish() {
      expectPorts((await networks.unpublish(second)).container, [80])
    },
    async disconnect() {
      if ((await network()) !== undefined) await networks.disconnect({ id: 'doomed', container: 'doomed' })
      await expectNetworks(['bridge'])
    },
    async removeNetwork() {
      const found = await network()
      if (found !== undefined) await networks.remove({ id: found.id })
    },
    /** Ends by the time that a log file that is too long is replaced. */
    async rotate() {
      await containers.kill({ ...doomed, signal: 'USR1' })
      await sleep(10_000)
    },
    async exec() {
      await exec.create({ ...doomed, command: ['/bin/sh'], tty: true }, { operationId: 'doomed-session' })
    },
    async removeExec() {
      for (const { id } of await exec.list(doomed)) await exec.remove({ session: id })
    },
    async stop() {
      const { container } = await containers.stop({ ...doomed, timeoutSeconds: 5 })
      assert.equal(container.state, container.startedAt === null ? 'created' : 'exited')
    },
    async remove() {
      await containers.remove(doomed)
    },
  }
}
