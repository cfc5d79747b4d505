import { createSocket } from 'node:dgram'
import { once } from 'node:events'
import { connect } from 'node:net'
import { setTimeout as sleep } from 'node:timers/promises'
import { run, runOk } from '@flotilla/host'
import { PortMapping } from '@flotilla/protocol'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { StaleConnections } from './conntrack.ts'
import { type Box, Boxes } from './testing/boxes.ts'

let boxes: Boxes
let resident: Box
const portOf = (at: number) => 21_000 + (process.pid % 5000) * 2 + at
const tracked = async (protocol: string, port: number) =>
  (await run(['conntrack', '-L', '-p', protocol, '--orig-port-dst', String(port)])).stdout.toString()

beforeAll(async () => {
  boxes = await Boxes.open()
  resident = await boxes.start('resident', []) // with whom the kernel follows connections
}, 60_000)
afterAll(() => boxes.close())

it('a sender of datagrams with one source reaches what is made anew at its port', async () => {
  const mapping = { containerPort: 80, hostPort: portOf(0), protocol: 'udp' }
  const answers = new Set<string>()
  const sender = createSocket('udp4')
  sender.on('message', (answer) => answers.add(answer.toString())).bind()
  const sending = setInterval(() => sender.send('hello', portOf(0), '127.0.0.1'), 50)
  try {
    const first = await boxes.start('first', [], [mapping])
    await first.serve('first')
    await expect.poll(() => [...answers], { timeout: 10_000 }).toContain('first')
    await boxes.networks.teardown(first.id)
    const holder = await boxes.start('holder', []) // of the address, so that the next has another
    const second = await boxes.start('second', [], [mapping])
    expect(second.setup.address).not.toBe(first.setup.address)
    await second.serve('second')
    await expect.poll(() => [...answers], { timeout: 10_000 }).toContain('second')
    expect(await tracked('udp', portOf(0))).toContain(`src=${second.setup.address}`)
    for (const { id } of [holder, second]) await boxes.networks.teardown(id)
  } finally {
    clearInterval(sending)
    sender.close()
  }
})

it('a caller that nobody has answered yet reaches who has the port by now', async () => {
  const mapping = PortMapping.parse({ containerPort: 80, hostPort: portOf(1) })
  const silent = await boxes.start('silent', [], [mapping])
  await silent.sh('iptables -A INPUT -p tcp --syn -j DROP')
  const next = await boxes.start('next', [])
  await next.serve('next')
  const call = connect(portOf(1), '127.0.0.1')
  // Its third try may be answered before the change of the ports is.
  const connected = once(call, 'connect', { signal: AbortSignal.timeout(20_000) })
  connected.catch(() => {})
  call.on('error', () => {}) // told by `connected`, or it is of the end
  try {
    await expect.poll(() => tracked('tcp', portOf(1))).toContain('SYN_SENT')
    // Its second try comes after one second, the third after three.
    await sleep(1200)
    await boxes.networks.setPorts(silent.container, [])
    await boxes.networks.setPorts(next.container, [mapping])
    await connected
    expect(await tracked('tcp', portOf(1))).toContain(`src=${next.setup.address}`)
  } finally {
    call.destroy()
    for (const { container } of [silent, next]) await boxes.networks.setPorts(container, [])
  }
})

it('what could not be forgotten is forgotten by the next try', async () => {
  const sender = createSocket('udp4')
  sender.bind()
  const other = { ...PortMapping.parse({ containerPort: 80, hostPort: portOf(2), protocol: 'udp' }) }
  try {
    sender.send('hello', portOf(2), '127.0.0.1')
    await expect.poll(() => tracked('udp', portOf(2))).not.toBe('')
    const warnings: string[] = []
    const stale = new StaleConnections([], { warn: (_, message) => warnings.push(message) })
    const published = [{ ipv4: resident.setup.address, ipv6: null, ports: [other] }]
    await stale.forget(published, AbortSignal.abort())
    expect([stale.areDue, warnings.length]).toEqual([true, 1])
    expect(await tracked('udp', portOf(2))).not.toBe('')
    await stale.forget(published)
    expect([stale.areDue, warnings.length]).toEqual([false, 1])
    expect(await tracked('udp', portOf(2))).toBe('')
  } finally {
    sender.close()
  }
})

it('while others start and go, the bridge keeps its address, and nothing that is asked of the host is lost', async () => {
  const { bridge, gateway } = boxes.networks.facts
  const echo = createSocket('udp4')
  echo.on('message', (text, from) => echo.send(text, from.port, from.address)).bind(0, gateway)
  await once(echo, 'listening')
  const address = async () => (await runOk(['cat', `/sys/class/net/${bridge}/address`])).stdout.toString().trim()
  const before = await address()
  const script = `const socket = require('dgram').createSocket('udp4')
    let [sent, heard, ended] = [0, 0, false]
    socket.on('message', () => (heard += 1))
    const timer = setInterval(() => (socket.send('x', ${echo.address().port}, '${gateway}'), (sent += 1)), 10)
    process.stdin.resume().on('end', () => {
      clearInterval(timer)
      setTimeout(() => (console.log(sent > 50, sent - heard), process.exit()), 500)
    })`
  const asker = resident.spawn([process.execPath, '-e', script])
  let output = ''
  asker.stdout?.on('data', (text: Buffer) => (output += text.toString()))
  const seen: string[] = []
  const until = performance.now() + 1500 // so long that much was asked, however fast they start
  for (let count = 0; count < 4 || performance.now() < until; count += 1) {
    const other = await boxes.start(`other${count}`, [])
    seen.push(await address())
    await boxes.networks.teardown(other.id)
    seen.push(await address())
  }
  asker.stdin?.end()
  await once(asker, 'close')
  echo.close()
  expect(new Set(seen)).toEqual(new Set([before]))
  expect(output.trim()).toBe('true 0')
})
