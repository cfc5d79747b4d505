import { mkdir, rm, writeFile } from 'node:fs/promises'
import { createServer, type IncomingMessage } from 'node:http'
import { join } from 'node:path'
import type { TestDaemon } from './docker-daemon.ts'

/** A volume driver of its own that a test's daemon knows by `name`. */
export interface VolumePlugin {
  readonly name: string
  /** Where the driver has a volume's files, of which the agent knows nothing. */
  folderOf(volume: string): string
  /** How many mounts of a volume have not been taken back. */
  mounts(volume: string): number
  close(): Promise<void>
}

type Answer = Record<string, unknown>

/**
 * A volume driver as Docker's volume plugin protocol has it ("Docker volume plugins", VolumeDriver.*), over a unix socket. A
 * volume's files lie in a folder of the daemon's test and are mounted from there.
 */
export async function startVolumePlugin(daemon: TestDaemon, name = 'flotilla-test'): Promise<VolumePlugin> {
  const folder = join(daemon.folder, `plugin-${name}`)
  const socket = join(folder, 'plugin.sock')
  await mkdir(folder)
  const volumes = new Map<string, number>()
  const folderOf = (volume: string) => join(folder, volume)
  const mounted = (volume: string, by: number) => volumes.set(volume, (volumes.get(volume) ?? 0) + by)
  const described = (volume: string) => ({ Name: volume, Mountpoint: folderOf(volume) })
  const methods: Record<string, (volume: string) => Answer | Promise<Answer>> = {
    'Plugin.Activate': () => ({ Implements: ['VolumeDriver'] }),
    'VolumeDriver.Capabilities': () => ({ Capabilities: { Scope: 'local' } }),
    'VolumeDriver.List': () => ({ Volumes: [...volumes.keys()].map(described) }),
    'VolumeDriver.Get': (volume) => (volumes.has(volume) ? { Volume: described(volume) } : { Err: 'no such volume' }),
    'VolumeDriver.Path': (volume) => ({ Mountpoint: folderOf(volume) }),
    async 'VolumeDriver.Create'(volume) {
      await mkdir(folderOf(volume), { recursive: true })
      mounted(volume, 0)
      return {}
    },
    'VolumeDriver.Mount'(volume) {
      mounted(volume, 1)
      return { Mountpoint: folderOf(volume) }
    },
    'VolumeDriver.Unmount'(volume) {
      mounted(volume, -1)
      return {}
    },
    async 'VolumeDriver.Remove'(volume) {
      volumes.delete(volume)
      await rm(folderOf(volume), { recursive: true, force: true })
      return {}
    },
  }
  const server = createServer((request, response) => {
    const method = methods[request.url?.slice(1) ?? '']
    void bodyOf(request).then(async ({ Name = '' }) => {
      response.writeHead(200, { 'content-type': 'application/vnd.docker.plugins.v1.1+json' })
      response.end(JSON.stringify((await method?.(Name)) ?? { Err: 'not known' }))
    })
  })
  await new Promise<void>((resolve) => server.listen(socket, resolve))
  const spec = join(daemon.folder, `${name}.spec`)
  await writeFile(spec, `unix://${socket}`)
  // The daemon's own /etc/docker, which nobody else sees.
  await daemon.enter(['sh', '-c', `mkdir -p /etc/docker/plugins && cp ${spec} /etc/docker/plugins/${name}.spec`])
  return {
    ...{ name, folderOf },
    mounts: (volume) => volumes.get(volume) ?? 0,
    close: () => new Promise((resolve) => server.close(() => resolve())),
  }
}

async function bodyOf(request: IncomingMessage): Promise<{ Name?: string }> {
  const chunks: Buffer[] = []
  for await (const chunk of request) chunks.push(chunk as Buffer)
  return JSON.parse(Buffer.concat(chunks).toString() || '{}') as { Name?: string }
}
