import { createFakeEngine } from '@flotilla/testkit/fake'
import { runAgent } from '../run-agent.ts'

/** A number from the environment, else what it is unless told otherwise. */
const numberOf = (name: string, otherwise = 0) => Number(process.env[name] ?? otherwise)

// The agent as a program over an engine in memory with FLOTILLA_FAKE_CONTAINERS containers (and volumes and networks), of which
// FLOTILLA_FAKE_CHANGES_PER_SECOND change by themselves, and where a layer of a pull takes FLOTILLA_FAKE_LAYER_MS; for tests of
// scale, of the screen, and of what takes its time.
runAgent({
  create: () =>
    Promise.resolve([
      createFakeEngine({
        containers: numberOf('FLOTILLA_FAKE_CONTAINERS'),
        volumes: numberOf('FLOTILLA_FAKE_VOLUMES'),
        networks: numberOf('FLOTILLA_FAKE_NETWORKS'),
        layerMs: numberOf('FLOTILLA_FAKE_LAYER_MS', 30),
        changesPerSecond: numberOf('FLOTILLA_FAKE_CHANGES_PER_SECOND'),
      }),
    ]),
})
