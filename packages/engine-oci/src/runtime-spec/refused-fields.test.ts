import { resolveUser, selectCapabilities, signalNumber } from '@flotilla/oci'
import { ContainerSpec, type ContainerSpecInput, refuseDoubles } from '@flotilla/protocol'
import { describe, expect, test } from 'vitest'
import { planVolumes } from '../containers/container-volumes.ts'
import { runtimeError } from '../runtime/runc.ts'
import { resolveDevices } from './devices.ts'
import { buildMounts } from './mounts.ts'
import { resolveProcess } from './process.ts'
import { buildResources } from './runtime-spec.ts'

const spec = (parts: Partial<ContainerSpecInput>) => ContainerSpec.parse({ image: 'busybox', ...parts })
const limits = { cpus: 2 } as Parameters<typeof buildResources>[1]
const image = { Entrypoint: [], Cmd: [], Env: [], User: '', WorkingDir: '', StopSignal: '' }
const files = { resolvConf: null, hosts: null, hostname: null }
const accounts = { passwd: '', group: '' }

const mounted = (...targets: string[]) =>
  buildMounts(spec({ mounts: targets.map((target) => ({ type: 'tmpfs', target })) }), files, [], true)

describe('what is refused of a spec names its field', () => {
  test.each<[string, unknown[], () => unknown]>([
    ['a memory limit that is too low', ['memoryBytes'], () => buildResources(spec({ memoryBytes: 1 }), limits, [])],
    ['more CPUs than there are', ['cpus'], () => buildResources(spec({ cpus: 64 }), limits, [])],
    ['no command', ['command'], () => resolveProcess(image, spec({}))],
    ['a mount over /proc', ['mounts', 1, 'target'], () => mounted('/a', '/proc')],
    ['a tmpfs over the devices', ['mounts', 1, 'target'], () => mounted('/dev/shm', '/dev')],
    ['two mounts at one place', ['mounts', 1, 'target'], () => mounted('/a', '/a')],
    ['an unknown capability', ['capAdd', 1], () => selectCapabilities({ capAdd: ['ALL', 'FLY'], capDrop: [] }, [])],
    [
      'a capability that the host lacks',
      ['capAdd', 0],
      () => selectCapabilities({ capAdd: ['CHOWN'], capDrop: [] }, []),
    ],
    ['an unknown user', ['user'], () => resolveUser('nobody2', accounts)],
    ['an unknown group', ['user'], () => resolveUser('0:nobody2', accounts)],
    ['an unknown signal', ['stopSignal'], () => signalNumber('SHRUG')],
    [
      'a part of a volume that is yet to be made',
      ['mounts', 0, 'subPath'],
      () => planVolumes(spec({ mounts: [{ type: 'volume', target: '/a', subPath: 'b' }] })),
    ],
    [
      'one port of the host twice',
      ['ports', 1, 'hostPort'],
      () => refuseDoubles(spec({ ports: [80, 81].map((containerPort) => ({ containerPort, hostPort: 8080 })) }).ports),
    ],
  ])('%s', (_what, field, refused) => {
    expect(refused).toThrow(expect.objectContaining({ field, kind: expect.any(String) as string }))
  })

  test('a device that is not there, or is none', async () => {
    const device = (hostPath: string) => ({ hostPath, containerPath: '/dev/mine', permissions: 'rwm' })
    const there = device('/dev/null')
    await expect(resolveDevices([there, device('/dev/nope')])).rejects.toMatchObject({
      field: ['devices', 1, 'hostPath'],
    })
    await expect(resolveDevices([device('/etc/passwd')])).rejects.toMatchObject({ field: ['devices', 0, 'hostPath'] })
  })

  test('a program that the image has not', () => {
    const words = 'exec: "nope": executable file not found in $PATH'
    expect(runtimeError(words)).toMatchObject({ kind: 'container.noProgram', field: ['command'] })
  })
})
