import { setTimeout as sleep } from 'node:timers/promises'
import { readdirSync } from 'node:fs'
import { join } from 'node:path'
import { createNetworks, type NetworkOptions } from '../index.ts'

/**
 * `PLACES POINT FIRST SECOND FOLDER`: connects a container, prepares for the next, connects it, takes all down; kills itself
 * at the named point.
 */
const [, , places = '', point = '', first = '', second = '', folder = ''] = process.argv
const networks = await createNetworks({
  ...(JSON.parse(places) as Pick<NetworkOptions, 'instance' | 'dataDir' | 'runDir'>),
  spares: 1,
  log: { warn: (fields, message) => process.stderr.write(`${message} ${JSON.stringify(fields)}\n`) },
  failurePoint: (name) => {
    if (name === point) process.kill(process.pid, 'SIGKILL')
  },
})
const port = { containerPort: 80, hostPort: 0, hostIp: '', protocol: 'tcp' as const }
const request = { name: 'doomed', hostname: 'doomed', network: 'bridge', ports: [port] }
await networks.setup({ ...request, containerId: first, folder: join(folder, 'box') })
const ready = () => readdirSync(join(folder, 'run/netns')).length === 2
while (!ready()) await sleep(20)
await networks.setup({ ...request, containerId: second, folder: join(folder, 'next') })
await networks.teardown(first)
await networks.teardown(second)
await networks.close()
