import { createSocket, type Socket as UdpSocket } from 'node:dgram'
import { once } from 'node:events'
import { existsSync, mkdtempSync, rmSync } from 'node:fs'
import { type AddressInfo, connect, createServer, type Socket as TcpSocket } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { run } from '@flotilla/host'
import { afterEach, beforeEach, expect, it, vi } from 'vitest'
import { PortKeeper } from './port-keeper.ts'
import { portKeeperScript } from './port-keeper-script.ts'

let folder = ''
let keeper: PortKeeper
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'flotilla-keeper-'))
  keeper = new PortKeeper(join(folder, 'ports'))
})
afterEach(async () => {
  for (const { key } of await keeper.list()) await keeper.forget(key)
  await keeper.end()
  rmSync(folder, { recursive: true })
})

const place = { key: 'a', protocol: 'tcp', address: '127.0.0.1', port: 0 } as const
const portOf = (server: { address(): unknown }) => (server.address() as AddressInfo).port
/** All that comes, without ending the other way. */
async function textOf(socket: TcpSocket): Promise<string> {
  let text = ''
  socket.on('data', (chunk: Buffer) => (text += chunk.toString()))
  await once(socket, 'end')
  return text
}

it('is Perl without a fault or a warning', async () => {
  const { exitCode, stderr } = await run(['perl', '-wc', '-e', portKeeperScript])
  expect([exitCode, stderr]).toEqual([0, '-e syntax OK\n'])
})

it('holds ports for their keys, gives them back, and ends with the last', async () => {
  expect(await keeper.isThere()).toBe(false)
  const port = await keeper.hold({ ...place, target: null })
  expect(await keeper.isThere()).toBe(true)
  expect(await keeper.hold({ ...place, port, target: null })).toBe(port)
  await expect(keeper.hold({ ...place, key: 'b', port, target: null })).rejects.toMatchObject({ code: 'EADDRINUSE' })
  await expect(keeper.hold({ ...place, address: 'nowhere', target: null })).rejects.toMatchObject({ code: 'EINVAL' })
  const other = await keeper.hold({ ...place, key: 'b', protocol: 'udp', target: null })
  const held = await keeper.list()
  expect(held).toHaveLength(2)
  expect(held).toContainEqual({ key: 'a', protocol: 'tcp', address: '127.0.0.1', port })
  expect(held).toContainEqual({ key: 'b', protocol: 'udp', address: '127.0.0.1', port: other })
  await keeper.drop({ ...place, port })
  await keeper.drop({ ...place, port })
  await keeper.forget('b')
  expect(await keeper.list()).toEqual([])
  const server = createServer().listen(port, '127.0.0.1')
  await once(server, 'listening')
  server.close()
})

it('stays without a port for what is held next, until its owner lets go of it', async () => {
  const path = join(folder, 'let-go')
  const letGo = new PortKeeper(path)
  for (const each of [keeper, letGo]) {
    await each.hold({ ...place, target: null })
    await each.forget(place.key)
  }
  letGo.close()
  await vi.waitFor(() => expect(existsSync(path)).toBe(false), { timeout: 15_000 })
  expect(existsSync(join(folder, 'ports'))).toBe(true)
  await keeper.end()
  expect(existsSync(join(folder, 'ports'))).toBe(false)
})

it('stays five minutes from when the last port was given back, however long it was held', async () => {
  const path = join(folder, 'ports')
  vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] })
  try {
    const port = await keeper.hold({ ...place, target: null })
    vi.advanceTimersByTime(6 * 60_000)
    await keeper.drop({ ...place, port })
    vi.advanceTimersByTime(4 * 60_000)
    vi.useRealTimers()
    await new Promise((resolve) => setTimeout(resolve, 3_000)) // by then it would have ended
    expect(existsSync(path)).toBe(true)
  } finally {
    vi.useRealTimers()
  }
}, 20_000)

it('holds hundreds of places over one connection, and says of each what became of it', async () => {
  await keeper.hold({ ...place, target: null }) // somebody is there
  const calls: TcpSocket[] = []
  const front = createServer((from) => {
    calls.push(from)
    const to = connect(join(folder, 'ports'))
    from.pipe(to).pipe(from)
    for (const end of [from, to]) end.on('error', () => {}) // what is ended by the other side is no fault here
  }).listen(join(folder, 'front'))
  await once(front, 'listening')
  const asked = new PortKeeper(join(folder, 'front'))
  const request = { ...place, protocol: 'udp', target: null } as const
  const ports = await Promise.all(Array.from({ length: 500 }, () => asked.hold(request)))
  expect(new Set(ports).size).toBe(500)
  expect(calls.length).toBeLessThanOrEqual(2) // with the one that lets the holder stay
  const others = [...ports, 0].map((port) => asked.hold({ ...request, key: 'b', port }))
  const results = await Promise.allSettled(others)
  expect(results.map(({ status }) => status)).toEqual([...ports.map(() => 'rejected'), 'fulfilled'])
  await Promise.all(ports.map((port) => asked.drop({ ...request, port })))
  expect((await asked.list()).map(({ key, protocol }) => `${key} ${protocol}`).sort()).toEqual(['a tcp', 'b udp'])
  asked.close()
  front.close()
  for (const call of calls) call.destroy()
})

it('passes on whole connections, the caller closing its way first, and ends calls to nowhere', async () => {
  const server = createServer({ allowHalfOpen: true }, (socket) => {
    void textOf(socket).then((text) => socket.end(text.toUpperCase()))
  }).listen(0, '127.0.0.1')
  await once(server, 'listening')
  const target = { address: '127.0.0.1', port: portOf(server) }
  const port = await keeper.hold({ ...place, target })
  const long = 'abc'.repeat(300_000)
  const call = async (sent: string) => {
    const socket = connect({ port, host: '127.0.0.1', allowHalfOpen: true })
    socket.end(sent)
    return textOf(socket)
  }
  const [answer, short] = await Promise.all([call(long), call('short')])
  expect([answer === long.toUpperCase(), short]).toEqual([true, 'SHORT'])
  await keeper.hold({ ...place, port, target: null })
  expect(await call('')).toBe('')
  server.close()
})

it('resets what it passes on when the port is given back', async () => {
  const server = createServer((socket) => socket.on('error', () => {}).write('hello')).listen(0, '127.0.0.1')
  await once(server, 'listening')
  const port = await keeper.hold({ ...place, target: { address: '127.0.0.1', port: portOf(server) } })
  const sockets = [connect(port, '127.0.0.1'), connect(port, '127.0.0.1')]
  await Promise.all(sockets.map((socket) => once(socket, 'data')))
  const ends = sockets.map((socket) => once(socket, 'error'))
  await keeper.drop({ ...place, port })
  for (const [error] of await Promise.all(ends)) expect(error).toMatchObject({ code: 'ECONNRESET' })
  server.close()
})

it('passes on datagrams, and each answer to its sender', async () => {
  const bound = async (socket: UdpSocket) => {
    socket.bind(0, '127.0.0.1')
    await once(socket, 'listening')
    return socket
  }
  const server = await bound(createSocket('udp4'))
  server.on('message', (data, from) => server.send(`for ${data.toString()}`, from.port, from.address))
  const target = { address: '127.0.0.1', port: portOf(server) }
  const port = await keeper.hold({ ...place, protocol: 'udp', target })
  const ask = async (name: string) => {
    const socket = await bound(createSocket('udp4'))
    socket.send(name, port, '127.0.0.1')
    const [data] = (await once(socket, 'message')) as [Buffer]
    socket.close()
    return data.toString()
  }
  expect(await Promise.all([ask('one'), ask('two')])).toEqual(['for one', 'for two'])
  server.close()
})

/** A server that greets what calls it, and keeps it for as long as its caller, or longer. */
async function greeter(allowHalfOpen = false) {
  const called = new Set<TcpSocket>()
  const server = createServer({ allowHalfOpen }, (socket) => {
    called.add(socket)
    socket.on('error', () => {})
    socket.on('close', () => called.delete(socket))
    socket.resume().write('hello')
  }).listen(0, '127.0.0.1')
  await once(server, 'listening')
  const end = () => {
    server.close()
    for (const socket of called) socket.destroy()
  }
  return { called, target: { address: '127.0.0.1', port: portOf(server) }, end }
}

/** A caller that has had the greeting; undefined where it was refused. */
async function callerOf(port: number): Promise<TcpSocket | undefined> {
  const socket = connect(port, '127.0.0.1')
  socket.on('error', () => {})
  const greeted = await new Promise<boolean>((resolve) => {
    socket.once('data', () => resolve(true))
    socket.once('close', () => resolve(false))
  })
  return greeted ? socket : undefined
}

it('gives no port more connections than it leaves free for the others, and takes new ones once some have ended', {
  timeout: 60_000,
}, async () => {
  const { target, end } = await greeter()
  const [full, other] = [await keeper.hold({ ...place, target }), await keeper.hold({ ...place, key: 'b', target })]
  const crowd = async (port: number, size: number) => {
    const callers = await Promise.all(Array.from({ length: size }, () => callerOf(port)))
    return callers.filter((caller) => caller !== undefined)
  }
  const held = await crowd(full, 1100)
  expect(held).toHaveLength(1000)
  const beside = await crowd(other, 600)
  expect(beside).toHaveLength(500)
  expect(held.filter(({ closed }) => closed)).toEqual([]) // nobody's place was taken
  for (const caller of held.slice(0, 10)) caller.destroy()
  await expect.poll(() => callerOf(other)).toBeDefined()
  for (const caller of [...held, ...beside]) caller.destroy()
  await expect.poll(async () => (await crowd(full, 2)).length).toBe(2)
  end()
})

it('lets the kernel ask both ends whether they are still there', async () => {
  const { target, end } = await greeter()
  const port = await keeper.hold({ ...place, target })
  const caller = await callerOf(port)
  for (const end of [`sport = :${port}`, `dport = :${target.port}`]) {
    const { stdout } = await run(['ss', '-tnoH', 'state', 'established', `( ${end} )`])
    expect(stdout.toString()).toMatch(/timer:\(keepalive,(1min|[1-5]?\d(\.\d+)?(sec|ms)),0\)/)
  }
  for (const [name, seconds] of Object.entries({ TCP_KEEPIDLE: 60, TCP_KEEPINTVL: 15, TCP_KEEPCNT: 4 })) {
    expect(portKeeperScript).toContain(`IPPROTO_TCP, ${name}, ${seconds})`)
  }
  caller?.destroy()
  end()
})

it('frees the place of a caller that the kernel has given up, though it waits for nothing from it', {
  timeout: 30_000,
}, async () => {
  const { called, target, end } = await greeter(true)
  const port = await keeper.hold({ ...place, target })
  const caller = await callerOf(port)
  const heard = Promise.all([...called].map((socket) => once(socket, 'end')))
  caller?.end()
  await heard // it has ended its way and may wait for an answer, until it is gone
  caller?.resetAndDestroy()
  const passedOn = async () =>
    (await run(['ss', '-tnH', 'state', 'connected', `( dport = :${target.port} )`])).stdout.toString()
  expect(await passedOn()).not.toBe('')
  await expect.poll(passedOn, { timeout: 20_000 }).toBe('')
  end()
})
