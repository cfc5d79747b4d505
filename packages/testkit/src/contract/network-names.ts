import type { Container, Network } from '@flotilla/protocol'
import { expect } from 'vitest'
import { eventually, fresh, sleeper } from './kit.ts'
import { endpoint, inside, linking, page, web } from './network-kit.ts'
import type { Topic } from './topic.ts'

/** Each once: of several servers more than one may answer. */
const wordsOf = (text: string): string[] => [...new Set(text.split('\n'))]

/** Names on a network, which end where it ends. */
export const networkNames: Topic = (test, own) => {
  own('finds by name on one network, and not across', [...linking, 'containers.create.networks'], async (kit) => {
    const [one, other] = await Promise.all([kit.network(), kit.network()])
    const lent = { mounts: kit.host.look.lent }
    const [server, near, far] = await Promise.all([
      kit.start(web('here'), { name: fresh('web'), networks: [{ network: one.id, aliases: ['shop'] }] }),
      kit.start(sleeper, { ...lent, networks: [{ network: one.id }] }),
      kit.start(sleeper, { ...lent, name: fresh('far'), networks: [{ network: other.id }] }),
    ])
    const addressOf = async (network: Network, { id }: Container) => (await endpoint(kit, network, id))?.ipv4 ?? ''
    const [address, farAddress] = await Promise.all([addressOf(one, server), addressOf(other, far)])
    const gateways = [one, other].map(({ subnets }) => subnets[0]?.gateway ?? '')
    /** What a client is told of a name by whom it asks of itself, and by the servers of both networks. */
    const answers = (client: Container, name: string) => inside(kit, client.id, kit.host.look.names(name, gateways))
    await eventually(async () => expect(await page(kit, near.id, server.name)).toBe('here'))
    expect(await page(kit, near.id, address)).toBe('here')
    // Who answers nothing might be no server at all.
    await eventually(async () => expect(wordsOf(await answers(near, 'shop'))).toEqual([address]))
    await eventually(async () => expect(wordsOf(await answers(far, far.name))).toEqual([farAddress]))
    const across = [answers(far, server.name), answers(far, 'shop'), answers(near, far.name)]
    expect(await Promise.all(across)).toEqual(['', '', ''])
    expect(await page(kit, far.id, address)).toBe('none')
  })
}
