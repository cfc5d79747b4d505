import { pause } from '@flotilla/async'
import type { Duplex } from 'node:stream'
import {
  beginsId,
  oneUse,
  type Call,
  type ContainerSpec,
  type EngineEvent,
  FlotillaError,
  type Stats,
  type VolumeUser,
  fail,
  refuseDoubles,
} from '@flotilla/protocol'
import { defineEngine, type Engine, requireHostRight } from '@flotilla/engine'
import { signalName } from '../shell/signals.ts'
import { Broadcast } from './broadcast.ts'
import { churn } from './churn.ts'
import { Sharing } from './container-sharing.ts'
import { FakeContainer } from './container.ts'
import { FakeExec, missingSession } from './exec.ts'
import type { HostFiles } from './file-system.ts'
import { filesOfHost } from './kernel-files.ts'
import { FakeImages } from './images.ts'
import { kernelView } from './kernel-view.ts'
import { createNetworkHandlers } from './network-handlers.ts'
import { FakeNetworks } from './networks.ts'
import { type FakeCluster, FakeNodes } from './nodes.ts'
import { FakePorts } from './ports.ts'
import { seed, seedNetworks, seedVolumes } from './seed.ts'
import { reading } from './stats.ts'
import { createVolumeFileHandlers } from './volume-file-handlers.ts'
import { createVolumeHandlers } from './volume-handlers.ts'
import { FakeVolumes } from './volumes.ts'

export interface FakeEngineOptions {
  id?: string
  name?: string
  /** Containers that are there from the start, in mixed states, for tests of scale and of the screen. */
  containers?: number
  /** Volumes that are there from the start; every third is mounted by a container, where there are as many. */
  volumes?: number
  /** Networks that are there from the start beside the default one. */
  networks?: number
  /** How often one of the running ones dies or starts again by itself. Never unless told otherwise. */
  changesPerSecond?: number
  /** Image references on the host from the start. */
  images?: readonly string[]
  /** References that a pull finds. */
  registry?: readonly string[]
  /** How long one layer of a pull takes; 30 unless told otherwise. */
  layerMs?: number
  /** Beyond its own: methods or options that this engine shall lack, with the reason. */
  absences?: Record<string, string>
  /** Several machines, on which the containers are in turn; left out: one, as nobody is told. */
  cluster?: FakeCluster
}

const ownAbsences = {
  'containers.create.devices': 'The fake engine has no devices.',
  'containers.create.hostNamespaces': 'The fake engine has no namespaces to share.',
  'exec.attach.survivesAgent': 'Terminals of the fake engine end with the agent.',
  'containers.create.antiSpoofing': 'The fake engine has no bridges.',
  'containers.create.storageLimit': 'The fake engine has no disk that could be full.',
  'volumes.create.sizeLimit': 'The fake engine has no disk that could be full.',
  'volumes.clone': 'Files of the fake engine have no owners and links that a copy had to keep.',
  ...Object.fromEntries(
    ['mkdir', 'read', 'readText', 'rename', 'writeText'].map((verb) => [
      `volumeFiles.${verb}`,
      'The fake engine keeps no folders, and of files no more than their text.',
    ]),
  ),
}

const oneMachine = 'The fake engine is on one machine.'

/** The image that a fake engine has unless told otherwise; its shell is a small one of our own. */
export const fakeImage = 'docker.io/library/busybox:latest'

/** The machine that a fake engine's containers run on, as its programs see it. */
export interface FakeHost {
  /** The sources of bind mounts, by absolute path. */
  readonly files: HostFiles
  /** A connection to a published port; throws UNAVAILABLE where nothing listens. */
  connect(port: number): Duplex
  /** What a published UDP port sends back; throws TIMEOUT where nothing answers. */
  exchange(port: number, datagram: string): string
}

export interface FakeEngine extends Engine {
  readonly host: FakeHost
  /** Turns a node of it. */
  turnNode: FakeNodes['turn']
}

/** A whole engine in memory: containers run a small shell, and every method of the table that it claims does what it says. */
export function createFakeEngine(options: FakeEngineOptions = {}): FakeEngine {
  const id = options.id ?? 'fake'
  const containers = new Map<string, FakeContainer>()
  const execs = new Map<string, FakeExec>()
  const events = new Broadcast<EngineEvent>()
  const hostFiles: HostFiles = new Map(Object.entries(filesOfHost).map(([path, text]) => [path, { text }]))
  const creations = new Map<string, Promise<FakeContainer>>()
  const execsByOperation = new Map<string, string>()
  const { cluster } = options
  const absences = {
    ...ownAbsences,
    ...(cluster === undefined ? { 'nodes.list': oneMachine, 'nodes.inspect': oneMachine } : {}),
    ...options.absences,
  }
  let nextPid = 2
  const images = new FakeImages({
    engine: id,
    local: options.images ?? [fakeImage],
    registry: options.registry ?? ['alpine:3.20', 'nginx:latest', 'registry.example/team/app:1.0'],
    layerMs: options.layerMs ?? 30,
    usedBy: (image) => [...containers.values()].filter((one) => one.image.id === image).map((one) => one.id),
  })

  const changed = (container: FakeContainer, action: string, gone = false) =>
    events.send({
      kind: 'container',
      action,
      id: container.id,
      at: new Date().toISOString(),
      row: gone ? null : container.row(),
    })
  const imageChanged = (image: string, action: string) => {
    const row = images.list().find((one) => one.id === image) ?? null
    events.send({ kind: 'image', action, id: image, at: new Date().toISOString(), row })
  }

  const ports = new FakePorts(containers)
  const networks = new FakeNetworks(id, (object, action, row) =>
    events.send({ kind: 'network', action, id: object, at: new Date().toISOString(), row }),
  )
  const usersOf = (volume: string): VolumeUser[] =>
    [...containers.values()].flatMap((one) =>
      oneUse(
        one.volumes
          .filter((mounted) => mounted.id === volume)
          .map(({ id: _, ...mounted }) => ({ id: one.id, name: one.name, state: one.state, ...mounted })),
      ),
    )
  const volumes = new FakeVolumes({
    ...{ engine: id, files: hostFiles, usersOf },
    changed: (object, action, row) =>
      events.send({ kind: 'volume', action, id: object, at: new Date().toISOString(), row }),
  })
  const takePorts = (container: FakeContainer) => ports.take(container)
  const nodes =
    cluster &&
    new FakeNodes(id, cluster, (row, action) =>
      events.send({ kind: 'node', action, id: row.id, at: new Date().toISOString(), row }),
    )
  const place = (labels: Record<string, string>) => nodes?.place(labels) ?? {}
  const sharing = new Sharing(containers)
  const context = {
    ...{ engine: id, hostFiles, networks, volumes, takePorts, place, changed },
    nextPid: () => nextPid++,
    namespaceFor: (container: FakeContainer) => sharing.join(container),
    started: (container: FakeContainer) => sharing.renew(container),
  }

  function find(ref: string): FakeContainer {
    const named = [...containers.values()].find((one) => one.id === ref || one.name === ref)
    if (named !== undefined) return named
    const found = [...containers.values()].filter((one) => beginsId(one.id, ref))
    if (found.length > 1) {
      const candidates = found.slice(0, 5).map((one) => one.id.slice(0, 12))
      throw fail('container.ambiguous', { ref, names: candidates.join(', ') })
    }
    if (found[0] === undefined) throw fail('container.notFound', { ref })
    return found[0]
  }

  function freeName(base: string): string {
    const used = new Set([...containers.values()].map(({ name }) => name))
    let number = containers.size + 1
    while (used.has(`${base}-${number}`)) number += 1
    return `${base}-${number}`
  }

  async function make(spec: ContainerSpec, call: Call): Promise<FakeContainer> {
    if (spec.pull === 'missing') await images.pull(spec.image, call)
    const image = images.find(spec.image)
    const name = spec.name ?? freeName(image.references[0]?.split('/').at(-1)?.split(':')[0] ?? 'container')
    const twin = [...containers.values()].find((one) => one.name === name)
    if (twin !== undefined) throw fail('container.nameTaken', { name }, { field: ['name'] })
    sharing.refuse(spec, find)
    refuseDoubles(spec.ports)
    const container = new FakeContainer(name, spec, image, context)
    void container.user // a user that the image does not know is refused now, not at the start
    networks.join(container, spec)
    containers.set(container.id, container)
    changed(container, 'create')
    imageChanged(image.id, 'update')
    return container
  }

  const forget = (session: string) => {
    execs.delete(session)
    for (const [operation, id] of execsByOperation) if (id === session) execsByOperation.delete(operation)
  }
  const change = (container: FakeContainer) => ({ container: container.row() })
  const mustRun = (container: FakeContainer) => {
    if (!container.running) throw fail('container.notRunning', { name: container.name })
  }

  const engine = defineEngine({
    id,
    identity: () => ({
      id,
      kind: 'fake',
      name: options.name ?? 'Fake engine',
      version: '1',
      state: 'ready',
      runtimes: [],
      storageDriver: 'memory',
      ...(cluster === undefined ? {} : { spans: { identity: cluster.identity } }),
    }),
    absences: () => absences,
    containers: {
      list: async ({ all }) => [...containers.values()].filter((one) => all || one.running).map((one) => one.row()),
      inspect: async ({ id: ref }) => find(ref).detail(),
      async create(spec, call) {
        const known = call.operationId === '' ? undefined : creations.get(call.operationId)
        if (known !== undefined) return change(await known)
        const making = make(spec, call)
        if (call.operationId !== '') {
          creations.set(call.operationId, making)
          if (creations.size > 10_000) creations.delete(creations.keys().next().value ?? '')
          void making.catch(() => creations.delete(call.operationId))
        }
        return change(await making)
      },
      async start({ id: ref }, { signal }) {
        const container = find(ref)
        if (container.state === 'paused') throw fail('container.paused', { name: container.name })
        if (container.running) return change(container)
        await sharing.besideOwner(container, signal, () => container.start())
        return change(container)
      },
      async stop({ id: ref, timeoutSeconds }, { signal }) {
        const container = find(ref)
        const ran = container.running
        const end = () => container.stop((timeoutSeconds ?? container.spec.stopTimeoutSeconds) * 1000, signal)
        await sharing.inTurn(container, signal, end)
        if (ran) changed(container, 'stop')
        return change(container)
      },
      async kill({ id: ref, signal: wanted }, { signal }) {
        const container = find(ref)
        mustRun(container)
        const name = signalName(wanted)
        if (name === undefined) throw fail('container.noSignal', { signal: wanted })
        container.signal(name)
        changed(container, 'kill')
        if (name === 'KILL') await container.ended(signal)
        return change(container)
      },
      async restart({ id: ref, timeoutSeconds }, { signal }) {
        const container = find(ref)
        await sharing.inTurn(container, signal, async () => {
          sharing.requireOwner(container)
          await container.stop((timeoutSeconds ?? container.spec.stopTimeoutSeconds) * 1000, signal)
          container.start()
        })
        changed(container, 'restart')
        return change(container)
      },
      async pause({ id: ref }) {
        const container = find(ref)
        mustRun(container)
        if (container.state !== 'paused') container.pause()
        return change(container)
      },
      async unpause({ id: ref }) {
        const container = find(ref)
        mustRun(container)
        if (container.state === 'paused') container.unpause()
        return change(container)
      },
      async remove({ id: ref, force, volumes: alsoVolumes }, { signal }) {
        let container: FakeContainer
        try {
          container = find(ref)
        } catch (thrown) {
          // Repeated by its full id: what is gone is removed.
          const isGone = thrown instanceof FlotillaError && thrown.code === 'NOT_FOUND' && /^[0-9a-f]{64}$/.test(ref)
          if (!isGone) throw thrown
          return {}
        }
        if (container.running && !force) {
          throw fail('container.running', { name: container.name })
        }
        container.dispose()
        if (container.running) await container.ended(signal)
        containers.delete(container.id)
        networks.leave(container)
        if (alsoVolumes) volumes.removeUnnamed(container.volumes)
        for (const exec of execs.values()) {
          if (exec.containerId !== container.id) continue
          exec.process.signal('KILL')
          forget(exec.id)
        }
        changed(container, 'destroy', true)
        imageChanged(container.image.id, 'update')
        return {}
      },
      async wait({ id: ref }, { signal }) {
        const container = find(ref)
        await container.ended(signal)
        return { exitCode: container.exitCode }
      },
      async kernel({ id: ref }) {
        const container = find(ref)
        mustRun(container)
        return kernelView(container, [...containers.values()])
      },
      async *logs(input, { signal }) {
        yield* find(input.id).log.read(input, signal)
      },
      async *stats({ id: ref, intervalMs }, { signal }) {
        const container = find(ref)
        mustRun(container)
        let last: Stats | undefined
        while (container.running && !signal.aborted) {
          last = reading(container, last)
          yield last
          await Promise.race([pause(intervalMs, signal), container.ended(signal).catch(() => {})])
        }
      },
    },
    exec: {
      async create(input, call) {
        await requireHostRight(call.scope, () => Promise.resolve(find(input.id).detail()))
        const before = execs.get(execsByOperation.get(call.operationId) ?? '')
        if (before !== undefined) return before.row()
        const container = find(input.id)
        mustRun(container)
        if (container.state === 'paused') throw fail('container.paused', { name: container.name })
        const session = new FakeExec(container, input, call, nextPid++)
        execs.set(session.id, session)
        if (call.operationId !== '') execsByOperation.set(call.operationId, session.id)
        const main = container.process
        void main?.ended.then(() => session.process.signal('KILL'))
        return session.row()
      },
      async *attach({ session, ...input }, incoming, { signal, scope }) {
        const exec = execs.get(session)
        if (exec === undefined) throw missingSession()
        await requireHostRight(scope, () => Promise.resolve(find(exec.containerId).detail()))
        yield* exec.attach(input, incoming, signal)
      },
      list: async ({ id: ref }) => {
        const container = find(ref)
        return [...execs.values()].filter((one) => one.containerId === container.id).map((one) => one.row())
      },
      remove: async ({ session }) => {
        execs.get(session)?.process.signal('KILL')
        forget(session)
        return {}
      },
    },
    images: {
      list: async () => images.list(),
      inspect: async ({ id: ref }) => images.detail(images.find(ref)),
      async pull({ reference }, call) {
        const image = await images.pull(reference, call)
        imageChanged(image.id, 'pull')
        return { image: images.row(image) }
      },
      async remove({ id: ref, force }) {
        const removal = images.remove(ref, force)
        if (removal.deleted !== null) imageChanged(removal.deleted, 'delete')
        return removal
      },
    },
    ...(nodes === undefined
      ? {}
      : { nodes: { list: async () => nodes.list(), inspect: async ({ id: ref }) => nodes.inspect(ref) } }),
    networks: createNetworkHandlers(networks, find, changed),
    volumes: createVolumeHandlers(volumes),
    volumeFiles: createVolumeFileHandlers(volumes, hostFiles),
    events: {
      watch: (_input, { signal }) => events.read(signal),
    },
    usage: async () =>
      [...containers.values()]
        .filter((one) => one.running)
        .map((one) => {
          const { at, cpuCores, memoryBytes, pids } = reading(one, undefined)
          return { engine: id, id: one.id, at, cpuCores, memoryBytes, pids }
        }),
    async close() {
      endChurn()
      for (const container of containers.values()) container.dispose()
      for (const exec of execs.values()) exec.process.signal('KILL')
      events.close()
    },
  })
  seedVolumes(options.volumes ?? 0, volumes)
  seedNetworks(options.networks ?? 0, networks)
  seed({ containers: 0, volumes: 0, ...options }, (spec) => {
    const image = images.find(fakeImage)
    const container = new FakeContainer(spec.name ?? '', spec, image, context)
    networks.join(container, spec)
    containers.set(container.id, container)
    return container
  })
  const endChurn = churn(containers, options.changesPerSecond ?? 0)
  return {
    ...engine,
    turnNode: (...turn) => nodes?.turn(...turn),
    host: {
      files: hostFiles,
      connect: (port) => ports.connect(port),
      exchange: (port, datagram) => ports.exchange(port, datagram),
    },
  }
}
