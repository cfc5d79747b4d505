import type { ContainerSpecInput } from '@flotilla/protocol'
import { expect } from 'vitest'
import { engineMethod } from '@flotilla/engine'
import { inputs, invoke } from './calls.ts'
import { codeOf, collect, type Kit, scope } from './kit.ts'

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
  'containers.create.networks': { networks: [{ network: 'bridge' }] },
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
  if (name === 'networks.create.withoutDns')
    return codeOf(kit.engine.networks.create({ name: 'nameless', dns: false }, scope))
  if (engineMethod(name) === undefined) return undefined
  const answer = invoke(kit, name, inputs[name] ?? { id: 'x' })
  return codeOf(answer instanceof Promise ? answer : collect(answer as AsyncIterable<unknown>))
}
