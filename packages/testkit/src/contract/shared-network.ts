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
  test('has all who share the network of a container that is started anew share its new one', needs, async (kit) => {
    const { containers } = kit.engine
    const owner = await kit.start(sleeper)
    const share = (more: Partial<ContainerSpecInput>) =>
      kit.start(sleeper, { network: `container:${owner.id}` as const, ...more })
    const [follows, never] = await Promise.all([
      share({ restart: { policy: 'unless-stopped' } }),
      share({ restart: { policy: 'no' } }),
    ])
    const first = await networkOf(kit, owner.id)
    for (const { id } of [follows, never]) expect(await networkOf(kit, id)).toBe(first)
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
      for (const { id } of [follows, never]) {
        await eventually(async () => {
          expect((await kit.inspect(id)).state, way).toBe('running')
          expect(await networkOf(kit, id), way).toBe(network)
        })
      }
      expect(await kit.inspect(follows.id)).not.toHaveProperty('stateReason')
      // Its policy is never to be restarted: that it was so all the same is told.
      await eventually(async () => {
        const { state, stateReasonFacts } = await kit.inspect(never.id)
        expect([state, stateReasonFacts], way).toEqual(['running', { kind: 'container.renewed' }])
      })
      expect(Date.parse((await kit.inspect(never.id)).startedAt ?? ''), way).toBeGreaterThan(
        Date.parse(never.startedAt ?? ''),
      )
    }
  })
}
