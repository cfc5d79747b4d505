import { createClusterEngine, createFakeEngine } from '@flotilla/testkit/fake'
import { runAgent } from '../run-agent.ts'

const {
  FLOTILLA_FAKE_CLUSTER: path = '',
  FLOTILLA_FAKE_IDENTITY: identity,
  FLOTILLA_FAKE_MACHINE: machine,
} = process.env
const id = 'cluster'

// The agent as a program that reaches the engine behind the socket FLOTILLA_FAKE_CLUSTER, which other agents reach as well;
// or, with FLOTILLA_FAKE_IDENTITY, one that says of an engine of its own that it is that one. Where FLOTILLA_FAKE_MACHINE is
// `none` the agent is inside of the cluster, and no machine's.
runAgent({
  hasMachine: machine !== 'none',
  create: async () => {
    const cluster =
      identity === undefined
        ? await createClusterEngine({ path, id })
        : createFakeEngine({ id, containers: 2, cluster: { identity, nodes: ['false'], namespaces: ['false'] } })
    return machine === 'none' ? [cluster] : [createFakeEngine({ containers: 1 }), cluster]
  },
})
