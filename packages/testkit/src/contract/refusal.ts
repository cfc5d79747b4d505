import type { ContainerSpecInput } from '@flotilla/protocol'
import { expect } from 'vitest'
import { engineMethod } from '@flotilla/engine'
import { codeOf, collect, type Kit, scope } from './kit.ts'

/** A valid input for each method that does not take `{ id }` alone. */
const plausible: Readonly<Record<string, unknown>> = {
  'containers.list': {},
  'images.list': {},
  'events.watch': {},
  'containers.create': { image: 'x' },
  'images.pull': { reference: 'x' },
  'exec.create': { id: 'x', command: ['x'] },
  'exec.attach': { session: 'x' },
  'exec.remove': { session: 'x' },
  'containers.publish': { id: 'x', ports: [{ containerPort: 80 }] },
  'containers.unpublish': { id: 'x', ports: [{ containerPort: 80 }] },
  'networks.list': {},
  'networks.create': { name: 'x' },
  'networks.prunePreview': {},
  'networks.prune': { ids: ['x'] },
  'networks.connect': { id: 'x', container: 'x' },
  'networks.disconnect': { id: 'x', container: 'x' },
  'volumes.list': {},
  'volumes.create': { name: 'x' },
  'volumes.rename': { id: 'x', name: 'y' },
  'volumes.clone': { id: 'x', name: 'y' },
  'volumes.prunePreview': {},
  'volumes.prune': { ids: ['x'] },
  'volumeFiles.list': { id: 'x', path: '' },
  'volumeFiles.read': { id: 'x', path: 'a' },
  'volumeFiles.write': { id: 'x', path: 'a' },
  'volumeFiles.mkdir': { id: 'x', path: 'a' },
  'volumeFiles.rename': { id: 'x', path: 'a', to: 'b' },
  'volumeFiles.remove': { id: 'x', path: 'a' },
  'volumeFiles.readText': { id: 'x', path: 'a' },
  'volumeFiles.writeText': { id: 'x', path: 'a', text: '', expected: null },
}

const specs: Readonly<Record<string, Partial<ContainerSpecInput>>> = {
  'containers.create.pull': { pull: 'missing' },
  'containers.create.devices': { devices: [{ hostPath: '/dev/zero', containerPath: '/dev/mine' }] },
  'containers.create.capabilities': { capAdd: ['NET_ADMIN'] },
  'containers.create.seccomp': { seccomp: 'unconfined' },
  'containers.create.maskedPaths': { maskedPaths: 'none' },
  'containers.create.mounts.bind': { mounts: [{ type: 'bind', source: '/srv', target: '/srv' }] },
  'containers.create.mounts.tmpfs': { mounts: [{ type: 'tmpfs', target: '/scratch' }] },
  'containers.create.mounts.volume': { mounts: [{ type: 'volume', source: 'data', target: '/data' }] },
  'containers.create.network.bridge': { network: 'bridge' },
  'containers.create.network.host': { network: 'host' },
  'containers.create.ports': { ports: [{ containerPort: 80 }] },
  'containers.create.hostNamespaces': { pidNamespace: 'host' },
  'containers.create.memoryLimit': { memoryBytes: 64 * 1024 * 1024 },
  'containers.create.cpuLimit': { cpus: 0.5 },
  'containers.create.pidsLimit': { pidsLimit: 20 },
  'containers.create.restart': { restart: { policy: 'always' } },
}

/** Uses what the engine does not claim, and expects UNSUPPORTED. Gives false where no call can show the absence. */
export async function isRefused(kit: Kit, name: string): Promise<boolean> {
  const code = await answerTo(kit, name)
  if (code === undefined) return false
  expect(`${name} answers ${code}`).toBe(`${name} answers UNSUPPORTED`)
  const reason = kit.subject.capabilities[name]
  expect(reason?.available === false && reason.reason !== '').toBe(true)
  return true
}

async function answerTo(kit: Kit, name: string): Promise<string | undefined> {
  const spec = specs[name]
  if (spec !== undefined) return codeOf(kit.create('exit 0', spec))
  if (name === 'containers.logs.since') {
    return codeOf(collect(kit.engine.containers.logs({ id: 'x', since: new Date().toISOString() }, scope)))
  }
  if (name === 'volumes.create.sizeLimit') {
    return codeOf(kit.engine.volumes.create({ name: 'limited', sizeLimitBytes: 1024 ** 2 }, scope))
  }
  if (engineMethod(name) === undefined) return undefined
  const client = kit.engine as unknown as Record<string, Record<string, (...input: unknown[]) => unknown>>
  const [noun = '', verb = ''] = name.split('.')
  const input = plausible[name] ?? { id: 'x' }
  const hasBody = ['duplex', 'upload'].includes(engineMethod(name)?.kind ?? '')
  const rest = hasBody ? [input, (async function* () {})(), scope] : [input, scope]
  const answer = client[noun]?.[verb]?.(...rest)
  return codeOf(answer instanceof Promise ? answer : collect(answer as AsyncIterable<unknown>))
}
