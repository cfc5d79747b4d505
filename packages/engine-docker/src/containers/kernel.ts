import { type Cgroup, type CgroupLayout, locateCgroup, readCgroupLayout, readKernelView } from '@flotilla/kernel'
import { type FlotillaError, type KernelView, fail } from '@flotilla/protocol'
import type { Containers } from './containers.ts'

let layout: Promise<CgroupLayout> | undefined

/** A container as the kernel sees it, from the pid that Docker tells. */
export async function readKernel(containers: Containers, ref: string, signal: AbortSignal): Promise<KernelView> {
  const { Id, Name, State } = await containers.answer(ref, signal)
  if (State.Pid === 0) throw notRunning(Name)
  const cgroup = await cgroupOf(Id, State.Pid)
  if (cgroup === null) {
    throw fail('docker.outOfSight')
  }
  const others = (await containers.answers(false, signal))
    .filter((other) => other.Id !== Id && other.State.Pid !== 0)
    .map((other) => ({ name: other.Name.slice(1), pid: other.State.Pid }))
  const view = await readKernelView({ pid: State.Pid, cgroup, others })
  if (view === null) throw notRunning(Name)
  return view
}

/**
 * The cgroup of a container's process, or null where the process of this number is another one. Every cgroup driver of Docker
 * writes the container's id into the path, so a number from elsewhere is never taken for it.
 */
export async function cgroupOf(containerId: string, pid: number): Promise<Cgroup | null> {
  layout ??= readCgroupLayout()
  const cgroup = await locateCgroup(await layout, pid)
  return cgroup?.path.includes(containerId) === true ? cgroup : null
}

function notRunning(name: string): FlotillaError {
  return fail('container.notRunning', { name: name.slice(1) })
}
