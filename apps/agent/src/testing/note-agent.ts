import { createNoteEngine, nounsWithNote } from '@flotilla/testkit/note'
import { runAgent } from '../run-agent.ts'

// The agent as a program that knows a noun more than the product, of which it is asked page by page.
runAgent({
  nouns: nounsWithNote,
  create: () => Promise.resolve([createNoteEngine(Number(process.env.FLOTILLA_FAKE_CONTAINERS ?? 0))]),
})
