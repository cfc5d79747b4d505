import { once } from 'node:events'
import net from 'node:net'
import { engineInfo } from '@flotilla/engine'
import { type LinkSession, serve, service } from '@flotilla/link'
import { EngineInfo, engineMethods, unary } from '@flotilla/protocol'
import { z } from 'zod'
import type { FakeEngine } from './engine.ts'

/** What a fake engine of several machines is asked beside what every engine is. */
export const clusterMethods = {
  cluster: { info: unary(z.object({}), EngineInfo, { permission: 'hosts.read' }) },
}

/** An engine in memory that several agents reach, each in a process of its own, as they reach the API of a cluster. */
export async function serveFakeCluster(path: string, engine: FakeEngine) {
  const sessions = new Set<LinkSession>()
  const services = new Map([
    ['cluster', service(clusterMethods, { cluster: { info: () => Promise.resolve(engineInfo(engine)) } })],
    ['engine', service(engineMethods, engine, () => engine.absences())],
  ])
  const server = net.createServer((socket) => {
    socket.on('error', () => {}) // its session ends with it
    const session = serve(socket, { find: (name) => services.get(name), hello: { version: 'test' } })
    sessions.add(session)
    void session.closed.then(() => sessions.delete(session))
  })
  server.listen(path)
  await once(server, 'listening')
  return {
    engine,
    async close() {
      server.close()
      for (const session of sessions) session.close()
      await engine.close()
    },
  }
}
