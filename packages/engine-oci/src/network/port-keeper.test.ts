import { createSocket, type Socket as UdpSocket } from 'node:dgram'
import { once } from 'node:events'
import { mkdtempSync, rmSync } from 'node:fs'
import { type AddressInfo, connect, createServer, type Socket as TcpSocket } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { run } from '@flotilla/host'
import { afterEach, beforeEach, expect, it } from 'vitest'
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
