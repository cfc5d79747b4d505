import { once } from 'node:events'
import { type AddressInfo, createServer } from 'node:net'
import { systemScope } from '@flotilla/protocol'
import { createFakeEngine, fakeImage } from '@flotilla/testkit'
import { expect, it, onTestFinished, vi } from 'vitest'
import { openAgent } from '../testing/open-agent.ts'

const system = { scope: systemScope }

async function listen(address: string): Promise<number> {
  const server = createServer().listen(0, address)
  onTestFinished(() => void server.close())
  await once(server, 'listening')
  return (server.address() as AddressInfo).port
}

async function open() {
  const opened = await openAgent({ engine: createFakeEngine() })
  onTestFinished(() => opened.close())
  return opened
}

it('tells a port that another program holds, by whom, and that nobody outside reaches the loopback', async () => {
  const { agent } = await open()
  const port = await listen('127.0.0.1')
  const { held, at } = await agent.agent.ports({}, system)
  expect(held.filter((each) => each.port === port)).toMatchObject([
    {
      ...{ protocol: 'tcp', address: '127.0.0.1', pid: process.pid, container: null },
      reach: [{ family: 'ipv4', verdict: 'no', reason: 'loopback', rule: null }],
    },
  ])
  expect(held.find((each) => each.port === port)?.program).not.toBe('')
  expect(Date.now() - Date.parse(at)).toBeLessThan(60_000)
})

it('tells a program on all addresses once, and not where a container that runs has published the port', async () => {
  const { agent, engine } = await open()
  const [own, published] = [await listen('::'), await listen('0.0.0.0')]
  const ports = [{ hostPort: published, hostIp: '::ffff:0.0.0.0', containerPort: 80 }]
  const command = ['sleep', '1000']
  const { container } = await engine.containers.create({ image: fakeImage, command, ports }, system)
  await engine.containers.start({ id: container.id }, system)
  await vi.waitFor(async () => {
    const answer = await agent.agent.ports({}, system)
    expect(answer.held.filter(({ port }) => port === own)).toMatchObject([{ address: '', pid: process.pid }])
    expect(answer.held.filter(({ port }) => port === published)).toEqual([])
    expect(answer.published).toMatchObject([{ containerId: container.id, port: { hostPort: published } }])
  }, 10_000)
})

it('tells the program that has the port which a stopped container wants', async () => {
  const { agent, engine } = await open()
  const wanted = await listen('0.0.0.0')
  const ports = [{ hostPort: wanted, containerPort: 80 }]
  const { container } = await engine.containers.create({ image: fakeImage, command: ['sleep'], ports }, system)
  const answer = await agent.agent.ports({}, system)
  expect(answer.published).toMatchObject([{ containerId: container.id, port: { hostPort: wanted }, reach: [] }])
  expect(answer.held.filter(({ port }) => port === wanted)).toMatchObject([{ pid: process.pid, container: null }])
})

it('is refused to who lacks the right', async () => {
  const { agent } = await open()
  const refused = agent.agent.ports({}, { scope: { actor: 'nobody', permissions: ['hosts.read'] } })
  await expect(refused).rejects.toMatchObject({ code: 'PERMISSION_DENIED' })
})
