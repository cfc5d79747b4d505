import { chmodSync, chownSync, existsSync } from 'node:fs'
import { readFile, rm } from 'node:fs/promises'
import net from 'node:net'
import type { Duplex } from 'node:stream'
import { type LinkSession, type ServeOptions, serve } from '@flotilla/link'
import type { Logger } from '@flotilla/log'
import { fail } from '@flotilla/protocol'

export interface ListenerOptions {
  path: string
  serve: ServeOptions
  log: Logger
  /** Proves who is there before anything is served; left out on the local socket, whose file mode decides. */
  secure?: (socket: Duplex) => Promise<Duplex>
}

/**
 * Serves links on a unix socket that only root and the group `flotilla` may open. Throws CONFLICT where another program
 * answers on it; a file that a dead agent left is replaced. Gives what closes it and its links.
 */
export async function listen(options: ListenerOptions): Promise<() => Promise<void>> {
  const { path, log } = options
  if (Buffer.byteLength(path) > 107) {
    throw fail('agent.socketPathTooLong', { path })
  }
  if (existsSync(path)) {
    if (await answers(path)) throw fail('agent.socketTaken', { path })
    await rm(path, { force: true })
  }
  const sessions = new Set<LinkSession>()
  const sockets = new Set<net.Socket>()
  const server = net.createServer((socket) => {
    sockets.add(socket)
    socket.on('error', (error) => log.debug({ err: error }, 'a socket of the agent failed'))
    socket.once('close', () => sockets.delete(socket))
    void accept(socket, options, sessions)
  })
  const gid = await groupId('flotilla')
  const before = process.umask(0o177) // nobody may open it before its group is set
  try {
    await new Promise<void>((resolve, reject) => {
      server.once('error', reject)
      server.listen(path, resolve)
    })
  } finally {
    process.umask(before)
  }
  if (gid !== undefined && process.getuid?.() === 0) chownSync(path, 0, gid)
  chmodSync(path, 0o660)
  log.info({ path }, 'the agent listens')
  return async () => {
    for (const session of sessions) session.close()
    for (const socket of sockets) socket.destroy()
    await new Promise<void>((resolve) => server.close(() => resolve()))
  }
}

async function accept(socket: net.Socket, options: ListenerOptions, sessions: Set<LinkSession>): Promise<void> {
  try {
    const duplex = options.secure === undefined ? socket : await options.secure(socket)
    const session = serve(duplex, options.serve)
    sessions.add(session)
    await session.closed
    sessions.delete(session)
  } catch (error) {
    options.log.warn({ err: error, path: options.path }, 'a link was refused')
    socket.destroy()
  }
}

function answers(path: string): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = net.connect(path)
    const end = (result: boolean) => {
      socket.destroy()
      resolve(result)
    }
    socket.setTimeout(2000, () => end(true))
    socket.once('connect', () => end(true))
    socket.once('error', () => end(false))
  })
}

async function groupId(name: string): Promise<number | undefined> {
  const groups = await readFile('/etc/group', 'utf8')
  const line = groups.split('\n').find((one) => one.startsWith(`${name}:`))
  return line === undefined ? undefined : Number(line.split(':')[2])
}
