import { setTimeout as sleep } from 'node:timers/promises'
import type { Network } from '@flotilla/protocol'
import { expect } from 'vitest'
import { codeOf, fresh, scope, sleeper } from './kit.ts'
import { endpoint, linking } from './network-kit.ts'
import type { Topic } from './topic.ts'

/** How long after a coming onto a network its removal is asked for, in milliseconds: some come first, some later. */
const headStarts = process.env['FLOTILLA_LONG'] === '1' ? [0, 5, 20, 60] : [0, 20]

/** The failure of a call that lost against a removal names the network as it was asked for. */
function expectGone(reason: unknown, network: Network): void {
  expect(reason).toMatchObject({ code: 'NOT_FOUND', message: expect.stringContaining(network.name) as string })
}

/** Networks that are removed while somebody comes onto them. */
export const networkRaces: Topic = (test) => {
  test(
    'makes a container on its networks or none, where one is removed at the same time',
    [...linking, 'containers.create.networks'],
    async (kit) => {
      const other = await kit.network()
      for (const headStart of headStarts) {
        const [network, name] = [await kit.network(), fresh('raced')]
        const networks = [{ network: other.name }, { network: network.name }]
        const [made, removed] = await Promise.allSettled([
          kit.create(sleeper, { name, networks }),
          sleep(headStart).then(() => kit.engine.networks.remove({ id: network.id }, scope)),
        ])
        if (made.status === 'fulfilled') {
          expect(removed).toMatchObject({ status: 'rejected', reason: { code: 'CONFLICT' } })
          expect(await endpoint(kit, network, made.value.id)).toMatchObject({ connected: false })
        } else {
          expectGone(made.reason, network)
          expect(removed.status).toBe('fulfilled')
          expect(await codeOf(kit.inspect(name))).toBe('NOT_FOUND')
        }
      }
    },
  )

  test('puts a container on a network or does not, where that is removed at the same time', linking, async (kit) => {
    const { networks, containers } = kit.engine
    const { id: container } = await kit.create(sleeper)
    for (const headStart of headStarts) {
      const network = await kit.network()
      const [joined, removed] = await Promise.allSettled([
        networks.connect({ id: network.name, container }, scope),
        sleep(headStart).then(() => networks.remove({ id: network.id }, scope)),
      ])
      if (joined.status === 'fulfilled') {
        expect(removed).toMatchObject({ status: 'rejected', reason: { code: 'CONFLICT' } })
        expect(await endpoint(kit, network, container)).toMatchObject({ connected: false })
      } else {
        expectGone(joined.reason, network)
        expect(removed.status).toBe('fulfilled')
      }
    }
    expect((await containers.start({ id: container }, scope)).container.state).toBe('running')
  })
}
