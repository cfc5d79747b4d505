import { createSocket } from 'node:dgram'
import { once } from 'node:events'
import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { runOk } from '@flotilla/host'
import { afterAll, beforeAll, beforeEach, expect, it } from 'vitest'
import { askTcp, askUdp, question } from './testing/dns-message.ts'
import { type Box, Boxes, resolveIn } from './testing/boxes.ts'
import { Upstream } from './testing/upstream.ts'

let boxes: Boxes
let upstream: Upstream
let shop = ''
let web: Box
let client: Box

beforeAll(async () => {
  boxes = await Boxes.open()
  upstream = await Upstream.open()
  boxes.askElsewhere(upstream.address)
  shop = await boxes.create('shop', { ipv6: true })
  web = await boxes.start('web', [shop])
  client = await boxes.start('client', [shop])
}, 60_000)
afterAll(async () => {
  upstream.close()
  await boxes.close()
})
beforeEach(() => void (upstream.asked.length = 0))

const gatewayOf = (network: string) => boxes.networks.definitions.find(network).subnets[0]?.gateway ?? ''
const ask = (box: Box, name: string, network = shop) => resolveIn(box.argv([]), name, gatewayOf(network))
const addressOf = async (box: Box) => (await box.addresses()).ipv4
function pids(): string[] {
  const isServer = (pid: string) => {
    try {
      return readFileSync(`/proc/${pid}/cmdline`, 'utf8').split('\0')[4] === join(boxes.folder, 'run/names')
    } catch {
      return false // it has ended
    }
  }
  return readdirSync('/proc').filter((name) => /^\d+$/.test(name) && isServer(name))
}

it('one plain process answers for all networks, and goes on under the next agent', async () => {
  expect(await ask(client, 'web')).toBe(await addressOf(web))
  const [pid = '', ...others] = pids()
  expect(others).toEqual([])
  const status = readFileSync(`/proc/${pid}/status`, 'utf8')
  expect(status).toMatch(/^Uid:\t65534\t65534\t65534\t65534$/m)
  expect(status).toMatch(/^Cap(Prm|Eff):\t0{13}400$/m)
  expect(readFileSync(`/proc/${pid}/comm`, 'utf8')).toBe('flotilla-names\n')
  await boxes.networks.close()
  expect(await ask(client, 'web')).toBe(await addressOf(web))
  await boxes.reopen()
  await boxes.networks.tend()
  expect(pids()).toEqual([pid])
})

it('a killed one is back with the next look', async () => {
  const before = pids()
  for (const pid of before) process.kill(Number(pid), 'SIGKILL')
  await expect.poll(pids).toEqual([])
  expect(await boxes.networks.tend()).toBe(true)
  expect(await ask(client, 'web')).toBe(await addressOf(web))
  expect(boxes.networks.trouble(web.id)).toBeNull()
  expect(pids()).toHaveLength(1)
})

it('another program on its port is told of the containers that it is about, until it has gone', async () => {
  const other = await boxes.create('taken')
  const squatted = ['ip', 'address', 'add', `${gatewayOf(other)}/32`, 'dev', 'lo']
  await runOk(squatted)
  const squatter = createSocket('udp4').bind(53, gatewayOf(other))
  await once(squatter, 'listening')
  const box = await boxes.start('unnamed', [other])
  const reason = { kind: 'bridge.namesUnbound', params: { addresses: gatewayOf(other) } }
  expect(boxes.networks.trouble(box.id)).toEqual(reason)
  expect(await ask(client, 'web')).toBe(await addressOf(web))
  squatter.close()
  await once(squatter, 'close')
  await runOk(squatted.with(2, 'delete'))
  expect(await boxes.networks.tend()).toBe(true)
  expect(boxes.networks.trouble(box.id)).toBeNull()
  expect(await ask(box, 'unnamed', other)).toBe(await addressOf(box))
  expect(await ask(box, 'web', other)).toBe(Upstream.answer)
  await boxes.networks.teardown(box.id)
})

it('no lookup fails or waits while others start and stop, in a container or from the host, by UDP or TCP', async () => {
  let done = false
  const wrong: unknown[] = []
  let asked = 0
  const right = await addressOf(web)
  const server = { address: gatewayOf(shop), port: 53 }
  const asking = Promise.all([
    (async () => {
      while (!done) {
        const found = [await ask(client, 'web'), await ask(client, `name${asked}.test`)]
        if (found[0] !== right || found[1] !== Upstream.answer) wrong.push(found)
        asked += 1
      }
    })(),
    (async () => {
      while (!done) {
        const begun = performance.now()
        const burst = Array.from({ length: 40 }, () => askUdp('0.0.0.0', server, question('web'), 4000))
        const answers = [...(await Promise.all(burst)), ...(await askTcp('0.0.0.0', server, [question('web')]))]
        wrong.push(...answers.filter((answer) => answer?.records[0] !== right))
        if (performance.now() - begun > 4000) wrong.push('late')
        asked += 1
        await new Promise((resolve) => setTimeout(resolve, 20))
      }
    })(),
  ])
  for (let round = 0; round < 3; round += 1) {
    const others = [await boxes.start(`other${round}`, []), await boxes.start(`more${round}`, [shop])]
    for (const { id } of others) await boxes.networks.teardown(id)
  }
  done = true
  await asking
  expect(wrong).toEqual([])
  expect(asked).toBeGreaterThan(10)
}, 60_000)

it('the host asks by its own address in the network, whatever links come and go beside', async () => {
  const gateway = gatewayOf(shop)
  await runOk(['ip', 'address', 'add', '192.0.2.7/32', 'dev', 'lo'])
  try {
    const answer = await askUdp('0.0.0.0', { address: gateway, port: 53 }, question('client'))
    expect(answer?.records).toEqual([await addressOf(client)])
    const tracked = (await runOk(['conntrack', '-L', '-p', 'udp', '-d', gateway])).stdout.toString()
    expect(tracked).not.toContain('192.0.2.7')
  } finally {
    await runOk(['ip', 'address', 'delete', '192.0.2.7/32', 'dev', 'lo'])
  }
})

it('a container that is named like a registry is not that for its neighbours, but by an alias that was asked for', async () => {
  const named = await boxes.start('registry-1.docker.io', [{ network: shop, aliases: ['Registry.test'] }])
  expect(await ask(client, 'registry-1.docker.io')).toBe(Upstream.answer)
  expect(await ask(client, 'registry.test')).toBe(await addressOf(named))
  expect(await ask(client, named.id.slice(0, 12))).toBe(await addressOf(named))
  const { id: everybodys } = boxes.networks.definitions.find('bridge')
  const common = await boxes.start('common', [{ network: everybodys, aliases: ['registry.test', 'short'] }])
  expect(await ask(common, 'registry.test', everybodys)).toBe(Upstream.answer)
  expect(await ask(common, 'short', everybodys)).toBe(await addressOf(common))
  for (const { id } of [named, common]) await boxes.networks.teardown(id)
})

it('the host’s resolv.conf is followed by who runs already', async () => {
  const second = await Upstream.open()
  boxes.askElsewhere(second.address)
  await expect.poll(async () => (await ask(client, 'moved.test'), second.names())).toContain('moved.test')
  expect(upstream.asked).toEqual([])
  second.close()
  boxes.askElsewhere(upstream.address)
})

it('ends with the last container', async () => {
  for (const { id } of [web, client]) await boxes.networks.teardown(id)
  await expect.poll(pids).toEqual([])
  expect(readdirSync(join(boxes.folder, 'run'))).not.toContain('names')
})
