import { connect, type Link, memoryPair, serve, service } from '@flotilla/link'
import { agentMethods, type AgentMethods, type PartialHandlers } from '@flotilla/protocol'
import { onTestFinished } from 'vitest'

/** A real link to an agent whose answers the test writes; it ends with the test. */
export async function linkTo(handlers: PartialHandlers<AgentMethods>): Promise<Link> {
  const [theirs, ours] = memoryPair()
  const agent = service(agentMethods, handlers)
  const session = serve(theirs, {
    find: (name) => (name === 'agent' ? agent : undefined),
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
