import type { KernelView } from '@flotilla/protocol'
import type { FakeContainer } from './container.ts'
import { reading } from './stats.ts'

type Namespace = KernelView['namespaces'][number]
type Type = Namespace['type']

/** In the kernel's range; the first ones are the machine's own. */
const [hostInode, firstInode] = [4_026_531_832, 4_026_532_000]
const ofContainer: readonly Type[] = ['mnt', 'pid', 'ipc', 'uts', 'cgroup', 'net']
const ofHost: readonly Type[] = ['user', 'time']

/** A running container as the kernel of a fake machine holds it. */
export function kernelView(container: FakeContainer, all: readonly FakeContainer[]): KernelView {
  const { spec, hostPid } = container
  const stats = reading(container, undefined)
  const others = all.filter((other) => other !== container && other.running)
  return {
    at: stats.at,
    pid: hostPid,
    namespaces: [...ofContainer, ...ofHost].map((type) => namespace(type, container, others)),
    cgroup: {
      version: 2,
      path: `/fake/${container.id}`,
      files: { 'pids.max': `${spec.pidsLimit ?? 'max'}\n`, 'memory.max': `${spec.memoryBytes ?? 'max'}\n` },
      stats,
      pressure: null,
    },
    capabilities: container.detail().capabilities,
    seccomp: spec.seccomp === 'unconfined' ? 'disabled' : 'filter',
    noNewPrivileges: null,
    apparmor: null,
    uidMap: [{ inside: 0, outside: 0, count: 2 ** 32 - 1 }],
    mounts: container
      .mountsBy('mountpoint')
      .map(({ readOnly, ...mount }) => ({ ...mount, options: readOnly ? 'ro' : 'rw' })),
    processes: [
      {
        ...{ pid: hostPid, containerPid: 1, parentPid: 1, uid: container.user.uid },
        ...{ command: container.argv, state: 'S (sleeping)', memoryBytes: stats.memoryBytes },
      },
    ],
  }
}

function namespace(type: Type, container: FakeContainer, others: readonly FakeContainer[]): Namespace {
  const inode = inodeOf(type, container)
  const sharedWith = others.filter((other) => inodeOf(type, other) === inode).map(({ name }) => name)
  const owner = inode <= hostInode + ofHost.length ? 'host' : sharedWith.length > 0 ? 'shared' : 'own'
  return { type, inode, owner, sharedWith }
}

function inodeOf(type: Type, { hostPid, namespacePid }: FakeContainer): number {
  if (ofHost.includes(type)) return hostInode + 1 + ofHost.indexOf(type)
  const pid = type === 'net' ? namespacePid : hostPid
  return pid === 0 ? hostInode : firstInode + pid * ofContainer.length + ofContainer.indexOf(type)
}
