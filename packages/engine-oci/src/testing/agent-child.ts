import { openEngine, type Place } from './open-engine.ts'

/** An agent of its own for tests that kill it: `PLACE`. It opens the engine, says so and stays until it is killed. */
await openEngine(JSON.parse(process.argv[2] ?? '') as Place, { logLimits: { maxBytes: 320 * 1024, maxFiles: 1000 } })
process.stdout.write('ready\n')
setInterval(() => {}, 60_000)
