import type { ContainerSpecInput } from '@flotilla/protocol'
import { expect } from 'vitest'
import { codeOf, eventually, type Kit, scope, sleeper } from './kit.ts'
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
    expect(owner).toHaveProperty('ipAddress')
    for (const { id } of [follows, never]) {
      expect(await networkOf(kit, id)).toBe(first)
      expect(await kit.inspect(id)).not.toHaveProperty('ipAddress') // that one's is its owner's alone
    }
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
      expect((await kit.inspect(follows.id)).restartCount, 'no restart of its policy').toBe(0)
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
  startsTogether(test)
}

function startsTogether(test: Parameters<Topic>[0]): void {
  test('starts and restarts who shares a network at once with the container whose it is', needs, async (kit) => {
    const { containers } = kit.engine
    const owner = await kit.start(sleeper)
    const sharer = await kit.start(sleeper, { network: `container:${owner.id}` as const })
    const isTogether = () =>
      eventually(async () => {
        const rows = await Promise.all([owner, sharer].map(({ id }) => kit.inspect(id)))
        expect(rows.map(({ state }) => state)).toEqual(['running', 'running'])
        expect(await networkOf(kit, sharer.id)).toBe(await networkOf(kit, owner.id))
      })
    const orders = [
      [owner, sharer],
      [sharer, owner],
    ]
    for (const order of orders) {
      const codes = order.map(({ id }) => codeOf(containers.restart({ id, timeoutSeconds: 0 }, scope)))
      expect(await Promise.all(codes)).toEqual(['no error', 'no error'])
      await isTogether()
    }
    for (const { id } of [sharer, owner]) await containers.stop({ id, timeoutSeconds: 0 }, scope)
    const codes = [owner, sharer].map(({ id }) => codeOf(containers.start({ id }, scope)))
    expect(await Promise.all(codes)).toEqual(['no error', 'no error'])
    await isTogether()
  })

  test('stops no one for a restart whose network is not there, and starts no one into it', needs, async (kit) => {
    const { containers } = kit.engine
    const owner = await kit.start(sleeper)
    const share = () => kit.start(sleeper, { network: `container:${owner.id}` as const })
    const [runs, ended] = await Promise.all([share(), share()])
    for (const { id } of [ended, owner]) await containers.stop({ id, timeoutSeconds: 0 }, scope)
    const { startedAt } = await kit.inspect(runs.id)
    const refusal = { code: 'CONFLICT', kind: 'network.ownerStopped' }
    await expect(containers.restart({ id: runs.id, timeoutSeconds: 0 }, scope)).rejects.toMatchObject(refusal)
    expect(await kit.inspect(runs.id)).toMatchObject({ state: 'running', startedAt })
    await expect(containers.start({ id: ended.id }, scope)).rejects.toMatchObject(refusal)
    await expect(containers.restart({ id: ended.id }, scope)).rejects.toMatchObject(refusal)
    expect((await kit.inspect(ended.id)).state).toBe('exited')
    expect((await containers.start({ id: runs.id }, scope)).container.state).toBe('running') // as it is
  })
}
