import { type ContainerSpecInput, type ErrorField, FlotillaError } from '@flotilla/protocol'
import { expect } from 'vitest'
import { engineMethod } from '@flotilla/engine'
import { inputs, invoke } from './calls.ts'
import { collect, type Kit, scope } from './kit.ts'

/** A call that makes use of an option, and the field that its refusal names. */
interface Use {
  call(kit: Kit): Promise<unknown>
  field: ErrorField
}

const create = (spec: Partial<ContainerSpecInput>, ...field: ErrorField): Use => ({
  call: (kit) => kit.create('exit 0', spec),
  field,
})
const mount = (one: NonNullable<ContainerSpecInput['mounts']>[number]) => create({ mounts: [one] }, 'mounts', 0)

const uses: Readonly<Record<string, Use[]>> = {
  'containers.create.pull': [create({ pull: 'missing' }, 'pull')],
  'containers.create.devices': [
    create({ devices: [{ hostPath: '/dev/zero', containerPath: '/dev/mine' }] }, 'devices'),
  ],
  'containers.create.capabilities': [
    create({ capAdd: ['NET_ADMIN'] }, 'capAdd'),
    create({ capDrop: ['ALL'] }, 'capDrop'),
  ],
  'containers.create.seccomp': [create({ seccomp: 'unconfined' }, 'seccomp')],
  'containers.create.maskedPaths': [create({ maskedPaths: 'none' }, 'maskedPaths')],
  'containers.create.mounts.bind': [mount({ type: 'bind', source: '/srv', target: '/srv' })],
  'containers.create.mounts.tmpfs': [mount({ type: 'tmpfs', target: '/scratch' })],
  'containers.create.mounts.volume': [mount({ type: 'volume', source: 'data', target: '/data' })],
  'containers.create.mounts.subPath': [mount({ type: 'volume', source: 'data', target: '/data', subPath: 'part' })],
  'containers.create.network.bridge': [create({ network: 'bridge' }, 'network')],
  'containers.create.networks': [create({ networks: [{ network: 'bridge' }] }, 'networks')],
  'containers.create.network.host': [create({ network: 'host' }, 'network')],
  'containers.create.ports': [
    create({ ports: [{ containerPort: 80 }] }, 'ports'),
    create({ publishAllPorts: true }, 'publishAllPorts'),
  ],
  'containers.create.hostNamespaces': (['pidNamespace', 'ipcNamespace', 'utsNamespace'] as const).map((name) =>
    create({ [name]: 'host' }, name),
  ),
  'containers.create.memoryLimit': [create({ memoryBytes: 64 * 1024 * 1024 }, 'memoryBytes')],
  'containers.create.cpuLimit': [create({ cpus: 0.5 }, 'cpus')],
  'containers.create.pidsLimit': [create({ pidsLimit: 20 }, 'pidsLimit')],
  'containers.create.storageLimit': [create({ storageBytes: 64 * 1024 * 1024 }, 'storageBytes')],
  'containers.create.restart': [create({ restart: { policy: 'always' } }, 'restart')],
  'containers.logs.since': [
    {
      call: ({ engine }) => collect(engine.containers.logs({ id: 'x', since: new Date().toISOString() }, scope)),
      field: ['since'],
    },
  ],
  'volumes.create.sizeLimit': [
    {
      call: ({ engine }) => engine.volumes.create({ name: 'limited', sizeLimitBytes: 1024 ** 2 }, scope),
      field: ['sizeLimitBytes'],
    },
  ],
  'networks.create.withoutDns': [
    { call: ({ engine }) => engine.networks.create({ name: 'nameless', dns: false }, scope), field: ['dns'] },
  ],
}

/** Options that no input makes use of: an engine that lacks one is another for everybody. */
const unused = ['exec.attach.survivesAgent', 'containers.create.antiSpoofing']

/**
 * Uses what the engine does not claim, and expects UNSUPPORTED, which names the field of an option. Gives false where no call
 * can show the absence.
 */
export async function isRefused(kit: Kit, name: string): Promise<boolean> {
  const calls = engineMethod(name) === undefined ? uses[name] : [{ call: () => invoked(kit, name), field: undefined }]
  if (calls === undefined) {
    expect(unused).toContain(name)
    return false
  }
  for (const { call, field } of calls) {
    const failure = await call(kit).catch((error: unknown) => error)
    const answer = failure instanceof FlotillaError ? `${failure.code} of ${failure.field?.join('.')}` : String(failure)
    expect(`${name} answers ${answer}`).toBe(`${name} answers UNSUPPORTED of ${field?.join('.')}`)
  }
  const reason = kit.subject.capabilities[name]
  expect(reason?.available === false && reason.reason !== '').toBe(true)
  return true
}

async function invoked(kit: Kit, name: string): Promise<unknown> {
  const answer = invoke(kit, name, inputs[name] ?? { id: 'x' })
  return answer instanceof Promise ? answer : collect(answer as AsyncIterable<unknown>)
}
