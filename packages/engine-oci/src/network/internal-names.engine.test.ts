import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { type Box, Boxes, resolveIn } from './testing/boxes.ts'
import { Upstream } from './testing/upstream.ts'

let boxes: Boxes
let upstream: Upstream
let open = ''
let closed = ''
let outer: Box
let inner: Box
let peer: Box
let both: Box

beforeAll(async () => {
  boxes = await Boxes.open()
  upstream = await Upstream.open()
  closed = await boxes.create('closed', { ipv6: true, internal: true })
  open = await boxes.create('open', { ipv6: true })
  inner = await boxes.start('inner', [closed])
  peer = await boxes.start('peer', [{ network: closed, aliases: ['alias'] }])
  both = await boxes.start('both', [closed, open])
  outer = await boxes.start('outer', [open])
  boxes.askElsewhere(upstream.address)
}, 60_000)

afterAll(async () => {
  upstream.close()
  await boxes.close()
})

const serversOf = (network: string) => boxes.networks.definitions.find(network).subnets.map(({ gateway }) => gateway)
const ask = (box: Box, name: string, server: string, source?: string) =>
  resolveIn(box.argv([]), name, server, 4, source)
/** The first server that a container is told of. */
function ownServer(box: Box): string {
  const text = readFileSync(join(box.container.folder, 'resolv.conf'), 'utf8')
  return /^nameserver (\S+)$/m.exec(text)?.[1] ?? ''
}
const heard = (name: string) => upstream.names().filter((each) => each.includes(name))

it('a container that is on an outward network has names of others from the host’s server', async () => {
  for (const [at, box] of [outer, both].entries()) {
    const name = `outer${at}.example.org`
    await expect.poll(() => ask(box, name, ownServer(box)), { timeout: 10_000 }).toBe(Upstream.answer)
    expect(heard(name)).not.toEqual([])
  }
  // It finds who is on its internal network as well.
  expect(await ask(both, 'peer', ownServer(both))).toBe((await peer.addresses()).ipv4)
  expect(serversOf('open')).toContain(ownServer(both))
})

it('on internal networks alone those who are there are found by name, and nothing that is asked goes out', async () => {
  const address = (await peer.addresses()).ipv4
  for (const server of serversOf('closed')) {
    expect(await Promise.all(['peer', 'alias'].map((name) => ask(inner, name, server)))).toEqual([address, address])
    expect(await ask(inner, 'secret.example.org', server)).toBe('ENOTFOUND')
    expect(await ask(both, 'secret.example.org', server)).not.toBe(Upstream.answer)
  }
  expect(heard('secret')).toEqual([])
}, 60_000)

it('nothing goes out by an address that is nobody’s, or another’s', async () => {
  const [server = ''] = serversOf('closed')
  const stranger = server.replace(/\d+$/, '200')
  for (const address of [stranger, (await both.addresses('eth0')).ipv4, (await outer.addresses()).ipv4]) {
    await inner.sh(`ip addr add ${address}/32 dev eth0`)
    await ask(inner, 'secret.example.org', server, address)
    await inner.sh(`ip addr del ${address}/32 dev eth0`)
  }
  expect(heard('secret')).toEqual([])
}, 60_000)

it('nothing goes out while containers come and go, and once the last outward network is left', async () => {
  const { networks } = boxes
  const attachment = { network: open, aliases: [] }
  await networks.connect(inner.container, attachment)
  expect(serversOf('open')).toContain(ownServer(inner))
  await expect.poll(() => ask(inner, 'late.example.org', ownServer(inner)), { timeout: 10_000 }).toBe(Upstream.answer)
  await networks.disconnect(inner.container, open)
  expect(serversOf('closed')).toContain(ownServer(inner))
  expect(await ask(inner, 'secret.example.org', ownServer(inner))).not.toBe(Upstream.answer)
  expect(await ask(inner, 'peer', ownServer(inner))).toBe((await peer.addresses()).ipv4)
  await networks.teardown(peer.id)
  expect(await ask(inner, 'secret.example.org', ownServer(inner))).not.toBe(Upstream.answer)
  expect(heard('secret')).toEqual([])
}, 60_000)
