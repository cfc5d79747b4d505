import type { ContainerSpecInput } from '@flotilla/protocol'
import { expect } from 'vitest'
import { eventually, type Kit, scope, sleeper } from './kit.ts'
import type { Topic } from './topic.ts'

const needs = [
  ...['containers.kernel', 'containers.restart', 'containers.create.restart'],
  'containers.create.network.bridge',
]

/** The network namespace that a container is in. */
async function networkOf(kit: Kit, id: string): Promise<number | undefined> {
  const { namespaces } = await kit.engine.containers.kernel({ id }, scope)
  return namespaces.find(({ type }) => type === 'net')?.inode
}

/** Containers that share the network of another one, which is started anew under them. */
export const sharedNetwork: Topic = (test) => {
  test('has those with a restart policy share the network of a container that is started anew', needs, async (kit) => {
    const { containers } = kit.engine
    const owner = await kit.start(sleeper)
    const share = (more: Partial<ContainerSpecInput>) =>
      kit.start(sleeper, { network: `container:${owner.id}` as const, ...more })
    const [follows, stays] = await Promise.all([
      share({ restart: { policy: 'unless-stopped' } }),
      share({ restart: { policy: 'no' } }),
    ])
    const first = await networkOf(kit, owner.id)
    for (const { id } of [follows, stays]) expect(await networkOf(kit, id)).toBe(first)
    const anew = {
      restart: () => containers.restart({ id: owner.id, timeoutSeconds: 0 }, scope),
      async 'stop and start'() {
        await containers.stop({ id: owner.id, timeoutSeconds: 0 }, scope)
        await containers.start({ id: owner.id }, scope)
      },
    }
    for (const [way, act] of Object.entries(anew)) {
      await act()
      const network = await networkOf(kit, owner.id)
      await eventually(async () => {
        expect((await kit.inspect(follows.id)).state, way).toBe('running')
        expect(await networkOf(kit, follows.id), way).toBe(network)
      })
      expect(await kit.inspect(follows.id)).not.toHaveProperty('stateReason')
      await eventually(async () =>
        expect((await kit.inspect(stays.id)).stateReason, way).toMatch(/whose network it share/),
      )
      expect((await kit.inspect(stays.id)).startedAt, way).toBe(stays.startedAt)
    }
  })
}
