import { createEngines, followLateEngines } from './engines.ts'
import { runAgent } from './run-agent.ts'

runAgent({ create: createEngines, followLate: followLateEngines })
