import { join } from 'node:path'
import { NetworkCreateInput } from '@flotilla/protocol'
import { createNetworks, type NetworkOptions } from '../index.ts'

/**
 * `PLACES POINT CONTAINER FOLDER`: makes a network, puts a container that runs on it, publishes a port of it and takes all of that
 * back, killing itself at the named point. The container's start comes before, and the point is not looked at until then.
 */
const [, , places = '', point = '', containerId = '', folder = ''] = process.argv
let armed = false
const networks = await createNetworks({
  ...(JSON.parse(places) as Pick<NetworkOptions, 'instance' | 'dataDir' | 'runDir'>),
  log: { warn: (fields, message) => process.stderr.write(`${message} ${JSON.stringify(fields)}\n`) },
  failurePoint: (name) => {
    if (armed && name === point) process.kill(process.pid, 'SIGKILL')
  },
})
const port = { containerPort: 80, hostPort: 0, hostIp: '', protocol: 'tcp' as const }
const container = { containerId, hostname: 'doomed', folder: join(folder, 'box') }
const { ports } = await networks.setup({ ...container, name: 'doomed', network: 'bridge', ports: [port] })
armed = true
const { id } = await networks.definitions.create(NetworkCreateInput.parse({ name: 'doomed', ipv6: true }), 'operation')
await networks.connect(container, { network: id, aliases: ['alias'] })
await networks.setPorts(container, [...ports, { ...port, containerPort: 81 }])
await networks.setPorts(container, ports)
await networks.disconnect(container, id)
await networks.definitions.remove(id)
await networks.teardown(containerId)
await networks.close()
