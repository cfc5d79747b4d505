import { connect, type Link, memoryPair, serve, service } from '@flotilla/link'
import {
  agentMethods,
  type AgentMethods,
  engineMethods,
  type EngineMethods,
  type HostFacts,
  type PartialHandlers,
} from '@flotilla/protocol'
import { onTestFinished } from 'vitest'

export const hostFacts: HostFacts = {
  hostname: 'scripted',
  os: 'test',
  kernel: 'test',
  architecture: 'x64',
  cpus: 1,
  memoryBytes: 1,
  memoryAvailableBytes: 1,
  diskTotalBytes: 1,
  diskFreeBytes: 1,
  loadAverage: 0,
  cgroupVersion: 2,
  bootedAt: '2026-01-01T00:00:00.000Z',
  agentVersion: 'test',
  protocolVersion: 1,
}

/** A real link to an agent, and engines by their names, whose answers the test writes; it ends with the test. */
export async function linkTo(
  handlers: PartialHandlers<AgentMethods>,
  engines: Readonly<Record<string, PartialHandlers<EngineMethods>>> = {},
): Promise<Link> {
  const [theirs, ours] = memoryPair()
  const agent = service(agentMethods, handlers)
  const byName = new Map(Object.entries(engines).map(([name, answers]) => [name, service(engineMethods, answers)]))
  const session = serve(theirs, {
    find: (name) => (name === 'agent' ? agent : byName.get(name)),
    hello: { version: 'test', name: 'scripted' },
  })
  const link = await connect(ours, { hello: { version: 'test' } })
  onTestFinished(async () => {
    link.close()
    session.close()
    await Promise.all([link.closed, session.closed])
  })
  return link
}
