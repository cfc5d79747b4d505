import { generateKeyPairSync } from 'node:crypto'
import { once } from 'node:events'
import { mkdtemp, rm } from 'node:fs/promises'
import http from 'node:http'
import net, { type AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Duplex } from 'node:stream'
import ssh2 from 'ssh2'
import { WebSocket, WebSocketServer } from 'ws'
import { createIdentity, memoryPair, secure, webSocketDuplex, webSocketOptions } from '@flotilla/link'

/** Two joined ends: the agent's, which serves, and the caller's. `close` lets go of servers and files. */
export interface Pair {
  agent: Duplex
  caller: Duplex
  close(): Promise<void>
}

export interface Transport {
  name: string
  open(): Promise<Pair>
}

/** Every way a link can go. With `ssh` the server is ssh2's own, in this process. */
export const transports: Transport[] = [
  { name: 'memory', open: openMemory },
  { name: 'unix', open: openUnix },
  { name: 'websocket', open: openWebSocket },
  { name: 'ssh', open: openSsh },
  { name: 'unix+tls', open: async () => secured(await openUnix()) },
  { name: 'websocket+tls', open: async () => secured(await openWebSocket()) },
]

function openMemory(): Promise<Pair> {
  const [agent, caller] = memoryPair()
  return Promise.resolve({ agent, caller, close: () => Promise.resolve() })
}

/** A listening unix socket in a folder of its own. */
async function listenUnix(): Promise<{ path: string; server: net.Server; close: () => Promise<void> }> {
  const folder = await mkdtemp(join(tmpdir(), 'flotilla-link-'))
  const path = join(folder, 'agent.sock')
  const server = net.createServer().listen(path)
  await once(server, 'listening')
  const close = async () => {
    server.close()
    await rm(folder, { recursive: true, force: true })
  }
  return { path, server, close }
}

async function openUnix(): Promise<Pair> {
  const { path, server, close } = await listenUnix()
  const accepted = once(server, 'connection') as Promise<[net.Socket]>
  const caller = net.connect(path)
  const [[agent]] = await Promise.all([accepted, once(caller, 'connect')])
  return { agent, caller, close }
}

/** As in life the agent dials and the caller's side accepts. */
async function openWebSocket(): Promise<Pair> {
  const server = http.createServer().listen(0, '127.0.0.1')
  await once(server, 'listening')
  const sockets = new WebSocketServer({ server, ...webSocketOptions })
  const accepted = once(sockets, 'connection') as Promise<[WebSocket]>
  const dialled = new WebSocket(`ws://127.0.0.1:${(server.address() as AddressInfo).port}`, webSocketOptions)
  const [[caller]] = await Promise.all([accepted, once(dialled, 'open')])
  const close = () =>
    new Promise<void>((resolve) => {
      for (const socket of sockets.clients) socket.terminate()
      server.closeAllConnections()
      sockets.close(() => server.close(() => resolve()))
    })
  return { agent: webSocketDuplex(dialled), caller: webSocketDuplex(caller), close }
}

/** One for all: making it takes longer than many tests do. */
let hostKey: string | undefined

function makeHostKey(): string {
  const { privateKey } = generateKeyPairSync('rsa', {
    modulusLength: 2048,
    privateKeyEncoding: { type: 'pkcs1', format: 'pem' },
    publicKeyEncoding: { type: 'pkcs1', format: 'pem' },
  })
  return privateKey
}

/** The caller opens an SSH connection and has it forward to the agent's unix socket. */
async function openSsh(): Promise<Pair> {
  const { path, server, close: closeUnix } = await listenUnix()
  const sshd = new ssh2.Server({ hostKeys: [(hostKey ??= makeHostKey())] }, (connection) => {
    connection.on('error', () => {})
    connection.on('authentication', (context) => context.accept())
    connection.on('openssh.streamlocal', (accept, reject, info) => {
      const target = net.connect(info.socketPath)
      target.once('error', () => reject())
      target.once('connect', () => {
        const channel = accept()
        channel.on('error', () => target.destroy())
        target.on('error', () => channel.destroy())
        target.pipe(channel).pipe(target)
        target.on('close', () => channel.destroy())
        channel.on('close', () => target.destroy())
      })
    })
  }).listen(0, '127.0.0.1')
  await once(sshd, 'listening')
  const client = new ssh2.Client()
  client.on('error', () => {})
  client.connect({ host: '127.0.0.1', port: (sshd.address() as AddressInfo).port, username: 'flotilla', password: 'x' })
  await once(client, 'ready')
  const accepted = once(server, 'connection') as Promise<[net.Socket]>
  const caller = await new Promise<Duplex>((resolve, reject) => {
    client.openssh_forwardOutStreamLocal(path, (error, channel) => (error ? reject(error) : resolve(channel)))
  })
  const [agent] = await accepted
  const close = async () => {
    client.destroy()
    sshd.close()
    await closeUnix()
  }
  return { agent, caller, close }
}

const agentIdentity = createIdentity('agent')
const callerIdentity = createIdentity('control plane')

async function secured(pair: Pair): Promise<Pair> {
  const [ofAgent, ofCaller] = await Promise.all([agentIdentity, callerIdentity])
  const [agent, caller] = await Promise.all([
    secure(pair.agent, { side: 'server', identity: ofAgent, trust: (key) => key === ofCaller.fingerprint }),
    secure(pair.caller, { side: 'client', identity: ofCaller, trust: (key) => key === ofAgent.fingerprint }),
  ])
  return { ...pair, agent, caller }
}
