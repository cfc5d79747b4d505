import { createClusterEngine, createFakeEngine } from '@flotilla/testkit/fake'
import { runAgent } from '../run-agent.ts'

const {
  FLOTILLA_FAKE_CLUSTER: path = '',
  FLOTILLA_FAKE_IDENTITY: identity,
  FLOTILLA_FAKE_ENGINE: id = 'cluster',
} = process.env

// The agent as a program that reaches the engine behind the socket FLOTILLA_FAKE_CLUSTER, which other agents reach as well;
// or, with FLOTILLA_FAKE_IDENTITY, one that says of an engine of its own that it is that one.
runAgent({
  create: async () => {
    const own = createFakeEngine({ containers: 1 })
    const cluster =
      identity === undefined
        ? await createClusterEngine({ path, id })
        : createFakeEngine({ id, containers: 2, cluster: { identity, nodes: ['false'], namespaces: ['false'] } })
    return [own, cluster]
  },
})
