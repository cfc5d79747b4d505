import { writeSync } from 'node:fs'
import { checkFound } from './check-found.ts'
import { createLife, type Doom } from './doomed-life.ts'
import { openEngine } from './open-engine.ts'

/**
 * An agent of its own for tests that kill it: `DOOM`. It looks whether what it finds is whole, makes its calls, and while it makes
 * the last of them says that it is at its point, and dies there.
 */
const { place, point, calls, clean, spares } = JSON.parse(process.argv[2] ?? '') as Doom
let armed = false
const opened = await openEngine(place, {
  logLimits: { maxBytes: 64 * 1024, maxFiles: 3 },
  failurePoint: (name) => {
    if (!armed || name !== point) return
    writeSync(2, `at ${name}`)
    process.kill(process.pid, 'SIGKILL')
  },
  ...(spares === undefined ? {} : { spares }),
})
await checkFound(opened, place, clean)
const life = createLife(opened)
for (const [at, call] of calls.entries()) {
  armed = at === calls.length - 1
  await life[call]()
}
await opened.close()
