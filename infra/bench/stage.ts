import { existsSync } from 'node:fs'
import { mkdir, mkdtemp, rename, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { FlotillaError, type FleetContainer, type FleetHost } from '@flotilla/protocol'
import { buildDashboard } from '@flotilla/testkit/browser/build-dashboard'
import { dashboard } from '@flotilla/testkit/browser/dashboard'
import { makeLargeImage } from '@flotilla/images/demo'
import { pushLayout } from '@flotilla/images/push-layout'
import { type RegistryServer, startRegistry } from '@flotilla/testkit/registry-server'
import { root } from '@flotilla/testkit/lab/platform-build'
import { type Platform, startPlatform } from '@flotilla/testkit/lab/platform'
import { type DockerPeer, startDocker } from './docker-peer.ts'
import { freePort } from '@flotilla/testkit/lab/free-port'

export const starter = 'flotilla.local/starter:latest'

/** Flotilla and its peers, side by side on this machine. */
export interface Stage {
  readonly runs: number
  readonly platform: Platform
  readonly hostId: string
  readonly docker: DockerPeer
  /** A scratch folder. */
  readonly folder: string
  /** The starter image's name in Docker. */
  readonly dockerStarter: string
  /** REST with an answer of 200; throws otherwise. */
  ok<T>(method: string, path: string, body?: unknown): Promise<T>
  create(spec: Record<string, unknown>): Promise<FleetContainer>
  run(spec: Record<string, unknown>): Promise<FleetContainer>
  remove(id: string): Promise<void>
  /** Puts the large image into the registry: its names for Flotilla and for Docker. */
  largeImage(): Promise<{ ours: string; docker: string }>
  close(): Promise<void>
}

export async function openStage(runs: number): Promise<Stage> {
  const folder = await mkdtemp(join(tmpdir(), 'flotilla-bench-'))
  const closers: (() => Promise<unknown>)[] = [() => rm(folder, { recursive: true, force: true })]
  const close = async () => {
    const failures: unknown[] = []
    for (const end of closers.splice(0).reverse()) await end().catch((error: unknown) => failures.push(error))
    if (failures.length > 0) throw failures[0]
  }
  try {
    const docker = await startDocker()
    closers.push(() => docker.close())
    // Two servers over one folder: each peer has an address on which it may ask without encryption.
    const port = await freePort()
    const registries: RegistryServer[] = []
    for (const address of ['127.0.0.1', docker.host.outside]) {
      const registry = await startRegistry({ dir: join(folder, 'registry'), port, address })
      registries.push(registry)
      closers.push(() => registry.stop())
    }
    await buildDashboard()
    const platform = await startPlatform({ dashboard })
    closers.push(() => platform.close())
    const names = (name: string) => ({
      ours: `127.0.0.1:${port}/${name}`,
      docker: `${docker.host.outside}:${port}/${name}`,
    })
    const push = async (layout: string, name: string) => {
      await pushLayout(layout, names(name).ours, AbortSignal.timeout(120_000))
      return names(name)
    }
    const { docker: dockerStarter } = await push(platform.build.starter, 'bench/starter:1')
    await docker.cli(['pull', '-q', dockerStarter])
    const ok: Stage['ok'] = async <T>(method: string, path: string, body?: unknown) => {
      const answer = await platform.rest<T>(method, path, body)
      if (answer.status !== 200)
        throw new FlotillaError('INTERNAL', `${method} ${path}: ${answer.status} ${answer.text}`)
      return answer.body
    }
    const host = (await ok<FleetHost[]>('GET', '/hosts')).find(({ transport }) => transport === 'socket')
    if (host === undefined) throw new FlotillaError('INTERNAL', 'This machine is not in the list of hosts.')
    const create: Stage['create'] = (spec) => ok('POST', `/hosts/${host.id}/containers`, { image: starter, ...spec })
    return {
      ...{ runs, platform, hostId: host.id, docker, folder, dockerStarter, ok, create, close },
      run: async (spec) => ok('POST', `/containers/${(await create(spec)).id}/start`),
      remove: async (id) => void (await ok('DELETE', `/containers/${id}?force=true`)),
      largeImage: async () => push(await largeLayout(), 'bench/large:1'),
    }
  } catch (error) {
    await close().catch(() => {}) // the first failure is the one to tell
    throw error
  }
}

/** Made once of this system's files, and kept: it takes half a minute. */
async function largeLayout(): Promise<string> {
  const cache = join(root, 'node_modules/.cache/flotilla/bench')
  const layout = join(cache, 'large')
  if (existsSync(join(layout, 'index.json'))) return layout
  await mkdir(cache, { recursive: true })
  const partial = `${layout}.${process.pid}`
  await makeLargeImage(partial)
  await rm(layout, { recursive: true, force: true })
  await rename(partial, layout)
  return layout
}
