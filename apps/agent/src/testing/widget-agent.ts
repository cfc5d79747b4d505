import { createWidgetEngine, nounsWithWidget } from '@flotilla/testkit/widget'
import { runAgent } from '../run-agent.ts'

// The agent as a program that knows one noun more than the product.
runAgent({
  nouns: nounsWithWidget,
  create: () => Promise.resolve([createWidgetEngine(Number(process.env.FLOTILLA_FAKE_CONTAINERS ?? 0))]),
})
