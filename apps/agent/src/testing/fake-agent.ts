import { createFakeEngine } from '@flotilla/testkit/fake'
import { runAgent } from '../run-agent.ts'

/** A number from the environment; 0 where it is not given. */
const numberOf = (name: string) => Number(process.env[name] ?? 0)

// The agent as a program over an engine in memory with FLOTILLA_FAKE_CONTAINERS containers (and volumes and networks), of which
// FLOTILLA_FAKE_CHANGES_PER_SECOND change by themselves; for tests of scale and of the screen.
runAgent({
  create: () =>
    Promise.resolve([
      createFakeEngine({
        containers: numberOf('FLOTILLA_FAKE_CONTAINERS'),
        volumes: numberOf('FLOTILLA_FAKE_VOLUMES'),
        networks: numberOf('FLOTILLA_FAKE_NETWORKS'),
        changesPerSecond: numberOf('FLOTILLA_FAKE_CHANGES_PER_SECOND'),
      }),
    ]),
})
