import { parseArgs } from 'node:util'
import { resolve } from 'node:path'
import { startPlatform } from '../src/lab/platform.ts'

// A whole Flotilla to look at until Ctrl-C; see the lab's README.

const { values } = parseArgs({
  options: {
    fake: { type: 'string' },
    docker: { type: 'string' },
    port: { type: 'string' },
    dashboard: { type: 'string' },
  },
})
const asked = new Promise((done) => {
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.on(signal, done)
})
const platform = await startPlatform({
  ...(values.fake === undefined ? {} : { fake: Number(values.fake) }),
  ...(values.docker === undefined ? {} : { docker: resolve(values.docker) }),
  ...(values.port === undefined ? {} : { port: Number(values.port) }),
  ...(values.dashboard === undefined ? {} : { dashboard: resolve(values.dashboard) }),
})
const { url, admin, apiKey, logDir } = platform
process.stdout.write(`address   ${url}
e-mail    ${admin.email}
password  ${admin.password}
API key   ${apiKey}
logs      ${logDir}
Ctrl-C takes all of it away, containers too.
`)
const alive = setInterval(() => {}, 60_000)
await asked
clearInterval(alive)
await platform.close()
process.exit(0)
