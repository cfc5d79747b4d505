import type { Network } from '@flotilla/protocol'
import { expect } from 'vitest'
import { during } from './events.ts'
import { codeOf, eventually, fresh, scope, sleeper } from './kit.ts'
import { endpoint, freeSubnets, inside, linking, move, needs, page, startClient, web } from './network-kit.ts'
import { networkNames } from './network-names.ts'
import type { Topic } from './topic.ts'

const networksThemselves: Topic = (test, own) => {
  test('makes a network, shows each field of it, and takes it away for good', needs, async (kit) => {
    const { networks } = kit.engine
    const { v4, v6 } = freeSubnets()
    const [since, name, labels] = [Date.now(), fresh('net'), { team: 'web' }]
    const network = await kit.network({ name, labels, subnets: [v4, v6], internal: true, mtu: 1380 })
    const { engine } = await kit.create('true')
    expect(network).toMatchObject({ engine, name, labels, driver: 'bridge', internal: true, mtu: 1380, dns: true })
    expect(network.subnets).toEqual([v4, { ...v6, range: null }])
    expect(network).toMatchObject({ createdByFlotilla: true, isDefault: false })
    expect(Math.abs(Date.parse(network.createdAt ?? '') - since)).toBeLessThan(30_000)
    expect((await networks.list({}, scope)).filter(({ id }) => id === network.id)).toEqual([network])
    const detail = await networks.inspect({ id: network.id }, scope)
    expect(detail).toMatchObject({ network, endpoints: [] })
    expect(Object.keys(detail.native)).not.toEqual([])
    for (const ref of [name, network.id.slice(0, 12)]) {
      expect((await networks.inspect({ id: ref }, scope)).network).toEqual(network)
    }
    expect(await codeOf(networks.remove({ id: network.id.slice(0, 11) }, scope))).toBe('NOT_FOUND')
    expect(await codeOf(networks.create({ name }, scope))).toBe('CONFLICT')
    expect(await codeOf(networks.create({ name: 'deadbeefdead' }, scope))).toBe('INVALID_ARGUMENT') // as an id cut short
    expect(await codeOf(networks.create({ name: fresh('net'), subnets: [v4] }, scope))).toBe('CONFLICT')
    for (const _ of ['first', 'again']) await networks.remove({ id: network.id }, scope)
    expect(await codeOf(networks.inspect({ id: network.id }, scope))).toBe('NOT_FOUND')
    expect((await networks.list({}, scope)).map(({ id }) => id)).not.toContain(network.id)
  })

  own('chooses what a network is not told, and keeps the default one', needs, async (kit) => {
    const { networks } = kit.engine
    const plain = await kit.network()
    expect(plain).toMatchObject({ internal: false, mtu: null, dns: true, labels: {} })
    expect(plain.subnets).toMatchObject([{ subnet: expect.stringMatching(/^[0-9.]+\/[0-9]+$/) as string, range: null }])
    expect(plain.subnets[0]?.gateway).toBe(plain.subnets[0]?.subnet.replace(/0\/[0-9]+$/, '1'))
    const own = (await networks.list({}, scope)).filter(({ isDefault }) => isDefault)
    expect(own).toMatchObject([{ name: 'bridge', driver: 'bridge', internal: false }])
    expect(await codeOf(networks.remove({ id: 'bridge' }, scope))).toBe('CONFLICT')
  })

  own('has names off where that was asked', [...linking, 'networks.create.withoutDns'], async (kit) => {
    const network = await kit.network({ dns: false })
    expect(network.dns).toBe(false)
    const [server, client] = [await kit.start(web('here'), { name: fresh('web') }), await startClient(kit)]
    for (const { id } of [server, client]) await move(kit, network, id)
    const { ipv4 } = (await endpoint(kit, network, server.id)) ?? {}
    await eventually(async () => expect(await page(kit, client.id, ipv4 ?? '')).toBe('here'))
    expect(await page(kit, client.id, server.name)).toBe('none')
  })
}

const networkPlaces: Topic = (test, own) => {
  own('connects a running container under a fixed address and another name', linking, async (kit) => {
    const { networks } = kit.engine
    const { v4, v6, at } = freeSubnets()
    const network = await kit.network({ subnets: [v4, v6], mtu: 1400 })
    const [server, client] = [await kit.start(web('here'), { name: fresh('web') }), await startClient(kit)]
    expect(await endpoint(kit, network, server.id)).toBeUndefined()
    const fixed = { ipv4: at(77), ipv6: v6.subnet.replace('/64', '77'), aliases: ['shop'] }
    for (const _ of ['first', 'again']) {
      await networks.connect({ id: network.id, container: server.id, ...fixed }, scope)
      await networks.connect({ id: network.id, container: client.name }, scope)
    }
    const there = await endpoint(kit, network, server.id)
    expect(there).toMatchObject({ containerName: server.name, connected: true, ipv4: fixed.ipv4, ipv6: fixed.ipv6 })
    expect(there?.aliases).toEqual(['shop'])
    // An engine tells the link's name, or its address, or both.
    const link = [there?.interfaceName, there?.macAddress].filter((word) => word !== null).join(' ')
    expect(link).not.toBe('')
    const reported = (await inside(kit, server.id, kit.host.look.links))
      .split('\n')
      .filter((line) => line.includes(link))
    expect(reported).toMatchObject([expect.stringMatching(/ 1400$/)])
    const given = await endpoint(kit, network, client.id)
    expect(Number(given?.ipv4?.split('.')[3])).toBeGreaterThanOrEqual(128) // out of the range
    for (const name of [server.name, 'shop', fixed.ipv4, fixed.ipv6]) {
      await eventually(async () => expect(await page(kit, client.id, name)).toBe('here'))
    }
    for (const _ of ['first', 'again']) await networks.disconnect({ id: network.id, container: server.id }, scope)
    expect(await endpoint(kit, network, server.id)).toBeUndefined()
    expect(await page(kit, client.id, fixed.ipv4)).toBe('none')
    expect((await kit.inspect(server.id)).state).toBe('running')
  })

  own('keeps a stopped container’s place, and its network for it', linking, async (kit) => {
    const { networks, containers } = kit.engine
    const network = await kit.network()
    const container = await kit.create(sleeper)
    await networks.connect({ id: network.id, container: container.id, aliases: ['later'] }, scope)
    const before = { containerName: container.name, connected: false, ipv4: null, ipv6: null, macAddress: null }
    expect(await endpoint(kit, network, container.id)).toMatchObject({ ...before, aliases: ['later'] })
    const refusal = networks.remove({ id: network.id }, scope).catch((error: unknown) => error)
    expect(await refusal).toMatchObject({ code: 'CONFLICT' })
    expect(kit.isNamed(container, await refusal)).toBe(true)
    await containers.start({ id: container.id }, scope)
    const after = await endpoint(kit, network, container.id)
    expect(after).toMatchObject({ connected: true, aliases: ['later'] })
    expect(await inside(kit, container.id, kit.host.look.addresses)).toContain(`${after?.ipv4}/`)
    expect(await codeOf(networks.remove({ id: network.id }, scope))).toBe('CONFLICT')
    await containers.remove({ id: container.id, force: true }, scope)
    await networks.remove({ id: network.id }, scope)
  })
}

const networkBirths: Topic = (test, own) => {
  const title = 'has a container that never started among those of its networks, in its row, theirs and a refusal'
  own(title, [...needs, 'containers.create.networks', 'containers.list'], async (kit) => {
    const { networks, containers } = kit.engine
    const network = await kit.network()
    const plain = { image: kit.subject.image }
    const container = kit.keep(
      (await containers.create({ ...plain, networks: [{ network: network.name }] }, scope)).container,
    )
    const row = (await containers.list({}, scope)).find(({ id }) => id === container.id)
    expect(row).toMatchObject({ state: 'created', networks: [network.id] })
    expect((await networks.inspect({ id: network.id }, scope)).endpoints).toMatchObject([
      { containerId: container.id, connected: false },
    ])
    const refusal = await networks.remove({ id: network.id }, scope).catch((error: unknown) => error)
    expect(refusal).toMatchObject({ code: 'CONFLICT' })
    expect(kit.isNamed(container, refusal)).toBe(true)
    expect((await networks.prunePreview({}, scope)).networks.map(({ id }) => id)).not.toContain(network.id)
    const usual = kit.keep((await containers.create(plain, scope)).container)
    const own = (await networks.list({}, scope)).find(({ isDefault }) => isDefault)
    expect((await kit.inspect(usual.id)).networks).toEqual([own?.id])
  })

  own(
    'puts a new container on its networks, each with its names and addresses',
    [...linking, 'containers.create.networks'],
    async (kit) => {
      const { v4, v6, at } = freeSubnets()
      const [front, back] = [await kit.network({ subnets: [v4, v6] }), await kit.network()]
      const fixed = { ipv4: at(66), ipv6: v6.subnet.replace('/64', '66') }
      const networks = [
        { network: front.name, aliases: ['shop'], ...fixed },
        { network: back.id, aliases: ['db'] },
      ]
      const server = await kit.create(web('here'), { name: fresh('web'), networks })
      expect(await endpoint(kit, front, server.id)).toMatchObject({ connected: false, ...fixed, aliases: ['shop'] })
      expect(await endpoint(kit, back, server.id)).toMatchObject({ connected: false, ipv4: null, aliases: ['db'] })
      await kit.engine.containers.start({ id: server.id }, scope)
      const given = await endpoint(kit, back, server.id)
      expect(await endpoint(kit, front, server.id)).toMatchObject({ connected: true, ...fixed })
      expect(given).toMatchObject({ connected: true, ipv6: null, aliases: ['db'] })
      const detail = await kit.engine.containers.inspect({ id: server.id }, scope)
      expect(detail.container.ipAddress).toBe(fixed.ipv4) // the way out
      expect([...(detail.networks ?? [])].sort((a, b) => b.aliases.join().localeCompare(a.aliases.join()))).toEqual([
        { id: front.id, name: front.name, ...fixed, aliases: ['shop'] },
        { id: back.id, name: back.name, ipv4: given?.ipv4, ipv6: null, aliases: ['db'] },
      ])
      const lent = { mounts: kit.host.look.lent }
      const near = await kit.start(sleeper, { ...lent, networks: [{ network: front.id }] })
      const beside = await kit.start(sleeper, { ...lent, networks: [{ network: back.name }] })
      for (const name of ['shop', server.name, fixed.ipv4, fixed.ipv6]) {
        await eventually(async () => expect(await page(kit, near.id, name)).toBe('here'))
      }
      await eventually(async () => expect(await page(kit, beside.id, 'db')).toBe('here'))
      expect([await page(kit, near.id, 'db'), await page(kit, beside.id, fixed.ipv4)]).toEqual(['none', 'none'])
    },
  )

  own('makes no container whose networks cannot be had', [...linking, 'containers.create.networks'], async (kit) => {
    const { v4, at } = freeSubnets()
    const [good, name] = [await kit.network({ subnets: [v4] }), fresh('never')]
    const first = { network: good.id, ipv4: at(9) }
    const ask = (more: object) => codeOf(kit.create(sleeper, { name, ...more }))
    expect(await ask({ networks: [first, { network: 'no-such-network' }] })).toBe('NOT_FOUND')
    expect(await ask({ networks: [first, { network: good.name }] })).toBe('INVALID_ARGUMENT')
    expect(await ask({ networks: [{ network: good.id, ipv4: '192.0.2.1' }] })).toBe('INVALID_ARGUMENT')
    expect(await ask({ networks: [first], network: 'none' })).toBe('INVALID_ARGUMENT')
    expect((await kit.engine.containers.list({}, scope)).filter((one) => one.name === name)).toEqual([])
    expect(await endpoint(kit, good, name)).toBeUndefined()
    expect((await kit.create(sleeper, { name, networks: [first] })).name).toBe(name)
  })
}

const networkEnds: Topic = (test, own) => {
  const pruning = [...linking, 'networks.prunePreview', 'networks.prune']
  test('prunes exactly what was asked and nobody is on', pruning, async (kit) => {
    const { networks } = kit.engine
    const [first, second, used] = [await kit.network(), await kit.network(), await kit.network()]
    const container = await kit.create(sleeper)
    await networks.connect({ id: used.id, container: container.id }, scope)
    const preview = (await networks.prunePreview({}, scope)).networks
    for (const network of [first, second]) expect(preview).toContainEqual(network)
    expect(preview.filter(({ id, isDefault }) => isDefault || id === used.id)).toEqual([])
    await networks.connect({ id: second.id, container: container.id }, scope)
    // By whole id alone: a name is none, and what is not there is not removed.
    const done = await networks.prune({ ids: ['nowhere', second.name, first.id, second.id, used.id] }, scope)
    expect(done.removed).toEqual([first.id])
    expect(done.retained.map(({ id }) => id)).toEqual([second.id, used.id])
    for (const { error } of done.retained) {
      expect(error).toMatchObject({ code: 'CONFLICT', kind: expect.stringMatching(/^network\.(inUse|hasC)/) as string })
    }
    expect(await codeOf(networks.inspect({ id: first.id }, scope))).toBe('NOT_FOUND')
  })

  test('tells of a container that comes onto a network and leaves it', [...linking, 'events.watch'], async (kit) => {
    const [network, { id }] = [await kit.network(), await kit.start(sleeper)]
    const seen: (string | undefined)[] = []
    const reported = await during(
      kit,
      async () => {
        seen.push((await kit.inspect(id)).ipAddress)
        await move(kit, network, id)
        seen.push((await kit.inspect(id)).ipAddress)
      },
      (event) => event.id === id && event.action === 'disconnect',
    )
    const changes = reported.flatMap((event) => (event.kind === 'container' && event.id === id ? [event] : []))
    const moves = changes.filter(({ action }) => action === 'connect' || action === 'disconnect')
    expect(moves.map(({ action, row }) => [action, row?.state])).toEqual([
      ['connect', 'running'],
      ['disconnect', 'running'],
    ])
    expect(moves[1]?.row?.ipAddress).toBe((await endpoint(kit, network, id))?.ipv4)
    expect(moves[1]?.row?.ipAddress).toBe(seen[1])
    expect(seen[0]).not.toBe(seen[1])
  })

  own('tells of a network’s life', [...needs, 'events.watch'], async (kit) => {
    let network: Network | undefined
    const reported = await during(
      kit,
      async () => {
        network = await kit.network()
        await kit.engine.networks.remove({ id: network.id }, scope)
      },
      (event) => event.kind === 'network' && event.id === network?.id && event.action === 'destroy',
    )
    const changes = reported.filter((event) => event.kind === 'network' && event.id === network?.id)
    expect(changes.map(({ action, row }) => [action, row])).toEqual([
      ['create', network],
      ['destroy', null],
    ])
  })
}

/** Networks that people make, and containers that come and go on them. */
export const networks: readonly Topic[] = [networksThemselves, networkPlaces, networkNames, networkBirths, networkEnds]
