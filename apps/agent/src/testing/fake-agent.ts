import { createFakeEngine } from '@flotilla/testkit/fake'
import { runAgent } from '../run-agent.ts'

// The agent as a program over an engine in memory with FLOTILLA_FAKE_CONTAINERS containers, for tests of scale and of the screen.
runAgent({
  create: () => Promise.resolve([createFakeEngine({ containers: Number(process.env.FLOTILLA_FAKE_CONTAINERS ?? 0) })]),
})
