import { randomBytes } from 'node:crypto'
import { mkdir, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { platformId } from '@flotilla/api'
import { type SubjectFactory, thisMachine } from '@flotilla/testkit'
import { type Progress, systemScope } from '@flotilla/protocol'
import { type TestControlPlane, openControlPlane } from '../../apps/control-plane/src/testing/open-control-plane.ts'
import { runOk } from '@flotilla/host'
import { makeWebImage } from '@flotilla/images/demo'
import { makeVolumesImage } from '@flotilla/images/volumes'
import { registryConfig } from '@flotilla/images/registry-config'
import { agentFlags, memoryEnvironment } from '@flotilla/launch/memory'
import { type LabHost, createLabHost } from '@flotilla/testkit/lab'
import { type PlatformBuild, platformBuild } from '@flotilla/testkit/lab/platform-build'
import { until } from '@flotilla/testkit/lab/tab'

/** How the control plane and the host's agent come together. */
export type Way = 'joined' | 'over SSH'

const starter = 'flotilla.local/starter:latest'
/** On the host's own loopback, which both of its engines take without TLS. */
const registry = '127.0.0.1:5000'
const pullable = `${registry}/contract/web:1`
const volumesImage = `${registry}/contract/volumes:1`

/** A host with both engines behind the gateway of a control plane in this process; the agent is a process on the host. */
export interface ContractHost {
  /** Reaches the host in this way, and no more in the one before. */
  reach(way: Way): Promise<void>
  /** An engine of the host as the control plane calls it. */
  subject(engine: string): ReturnType<SubjectFactory>
  remove(): Promise<void>
}

export async function openContractHost(): Promise<ContractHost> {
  const lab = await createLabHost({ name: 'contract', docker: true })
  let plane: TestControlPlane | undefined
  try {
    const build = await platformBuild()
    await furnish(lab, build)
    plane = await openControlPlane({ env: { FLOTILLA_LISTEN: lab.outside } })
    return hostOf(lab, plane, build)
  } catch (error) {
    await plane?.dispose()
    await lab.remove()
    throw error
  }
}

/** Its images: one in Docker's store (the agent puts it into the native one), one in a registry. */
async function furnish(lab: LabHost, { starter: layout }: PlatformBuild): Promise<void> {
  const inside = async (argv: readonly string[]) => {
    const { exitCode, stderr } = await lab.exec(argv, { timeoutMs: 60_000 })
    if (exitCode !== 0) throw new Error(`${argv[0]} failed on the host: ${stderr}`)
  }
  await inside(['skopeo', 'copy', '--insecure-policy', `oci:${layout}`, `docker-daemon:${starter}`])
  const data = join(lab.folder, 'registry')
  await mkdir(data)
  await writeFile(join(lab.folder, 'registry.yml'), registryConfig({ host: registry, data }))
  const program = lab.start('registry', ['docker-registry', 'serve', join(lab.folder, 'registry.yml')])
  await until('the registry', async () => {
    if (!program.running) throw new Error(`docker-registry ended: ${await program.said()}`)
    return (await lab.exec(['bash', '-c', `exec 3<>/dev/tcp/${registry.replace(':', '/')}`])).exitCode === 0
  })
  for (const [reference, make] of [
    [pullable, makeWebImage],
    [volumesImage, makeVolumesImage],
  ] as const) {
    const made = join(lab.folder, 'image')
    await make(made)
    await inside([
      'skopeo',
      'copy',
      '--insecure-policy',
      '--dest-tls-verify=false',
      `oci:${made}`,
      `docker://${reference}`,
    ])
  }
}

function hostOf(lab: LabHost, plane: TestControlPlane, build: PlatformBuild): ContractHost {
  const { app, scope } = plane
  const argv = [process.execPath, ...agentFlags, build.agent]
  const start = (...more: string[]) =>
    lab.startAgent([...argv, ...more], {
      ...memoryEnvironment,
      FLOTILLA_ENGINES: 'oci,docker',
      FLOTILLA_STARTER_LAYOUT: build.starter,
      FLOTILLA_LOG_LEVEL: 'warn',
    })
  let agent: ReturnType<typeof start> | undefined
  const host = () => app.index.hosts(scope).find(({ transport }) => transport !== 'socket')
  const linked = (isNew: (link: object) => boolean = () => true) =>
    until(
      `the link (${agent?.running === true ? 'the agent runs' : 'the agent ended'})`,
      () => {
        const { id, state, engines } = host() ?? {}
        const link = id === undefined ? undefined : app.gateway.linkOf(id)
        if (link === undefined || state !== 'connected' || !isNew(link)) return false
        return engines?.filter((one) => one.state === 'ready').length === 2
      },
      40_000,
    )
  const handle = () => app.gateway.for(host()?.id ?? '')

  /** Neither side knows the other afterwards. */
  const part = async () => {
    const known = host()
    if (known !== undefined) {
      await app.db.hosts.remove(scope, known.id)
      const link = app.gateway.linkOf(known.id)
      app.index.removeHost(known.id)
      await link?.close()
    }
    await agent?.stop()
    await lab.exec(['rm', '--force', join(lab.dataDir, 'agent/identity/control-planes.json')])
  }

  const reach = {
    async joined() {
      const id = randomBytes(8).toString('hex')
      await app.db.joinTokens.create(scope, { id, expiresAt: new Date(Date.now() + 60_000) })
      agent = start('join', app.publicUrl, '--token', app.joinToken(id))
    },
    async 'over SSH'() {
      agent = start()
      const socket = join(lab.runDir, 'agent-tls.sock')
      await until('the agent', async () => (await lab.exec(['test', '-S', socket])).exitCode === 0)
      const { address, port, user: username, hostKeyFingerprint: hostKey, privateKey } = lab.ssh
      const desired = { address: { host: address, port, username, hostKey }, runDir: lab.runDir, privateKey }
      await app.addSshHost(scope, desired, () => {})
    },
  }

  return {
    async reach(way) {
      await part()
      await reach[way]()
      await linked()
    },
    async subject(id) {
      const { capabilities } = host()?.engines.find((one) => one.id === id) ?? {}
      if (capabilities === undefined) return { unreachable: `the host has no engine ${id}` }
      return {
        engine: handle().engine(id),
        capabilities,
        image: starter,
        pullable,
        volumesImage,
        host: {
          ...(await thisMachine(lab.address)),
          readFile: async (path) => (await runOk(lab.command(['cat', '--', path]))).stdout.toString(),
        },
        objectId: (kind, object) => platformId(kind, host()?.id ?? '', id, object),
        async progressOf(operation) {
          let last: readonly Progress[] = []
          for await (const { progress } of handle().agent.operations.watch({ id: operation }, { scope: systemScope })) {
            last = progress
          }
          return last
        },
        // The agent is killed, and another comes by itself in the same way.
        async reopen() {
          const before = app.gateway.linkOf(host()?.id ?? '')
          await agent?.kill()
          agent = start()
          await linked((link) => link !== before)
          return handle().engine(id)
        },
        cleanup: () => Promise.resolve(),
      }
    },
    async remove() {
      await part()
      await plane.dispose()
      await lab.remove()
    },
  }
}
