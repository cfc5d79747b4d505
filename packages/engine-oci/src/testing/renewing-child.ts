import { writeSync } from 'node:fs'
import { openEngine, type Place } from './open-engine.ts'

/** An agent of its own that is killed: `PLACE POINT`. It restarts the container `owner`, and dies at the point while it renews a sharer's network. */
let isRenewing = false
const [place = '', point = ''] = process.argv.slice(2)
const opened = await openEngine(JSON.parse(place) as Place, {
  spares: 0,
  failurePoint: (name) => {
    if (name !== point || !isRenewing) return
    writeSync(2, `at ${name}`)
    process.kill(process.pid, 'SIGKILL')
  },
})
await opened.client.containers.restart({ id: 'owner', timeoutSeconds: 0 })
isRenewing = true
setInterval(() => {}, 60_000)
