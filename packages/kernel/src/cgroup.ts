import { readKernelFile } from './read.ts'

/** Where this machine mounts its cgroups, as this process sees them. Hybrid machines count as version 1: the controllers are there. */
export interface CgroupLayout {
  version: 1 | 2
  /** Version 1: each controller's own hierarchy. Version 2: `unified` alone. */
  hierarchies: Record<string, { mountPoint: string; root: string }>
}

/** One cgroup. Plain data; its folders may be gone by the time they are read. */
export interface Cgroup {
  version: 1 | 2
  /** As /proc/<pid>/cgroup says it. In version 1 that of the memory controller. */
  path: string
  /** By controller (`memory`, `cpu`, …), or `unified`. */
  folders: Record<string, string>
}

const controllers = ['memory', 'cpu', 'cpuacct', 'pids', 'blkio', 'cpuset', 'devices', 'freezer']

/** Reads which cgroup version is in use and where. Cheap, but the answer does not change: keep it. */
export async function readCgroupLayout(): Promise<CgroupLayout> {
  return parseCgroupLayout((await readKernelFile('/proc/self/mountinfo', 4 * 1024 * 1024)) ?? '')
}

/** From the text of /proc/self/mountinfo (proc(5)). The memory controller decides which version a machine uses. */
export function parseCgroupLayout(mountinfo: string): CgroupLayout {
  const hierarchies: CgroupLayout['hierarchies'] = {}
  let unified: { mountPoint: string; root: string } | undefined
  for (const line of mountinfo.split('\n')) {
    const at = line.indexOf(' - ')
    if (at < 0) continue
    const [, , , root, mountPoint] = line.slice(0, at).split(' ')
    const [type, , options] = line.slice(at + 3).split(' ')
    if (root === undefined || mountPoint === undefined) continue
    if (type === 'cgroup2') unified ??= { mountPoint, root }
    if (type !== 'cgroup') continue
    for (const option of options?.split(',') ?? []) {
      if (controllers.includes(option)) hierarchies[option] ??= { mountPoint, root }
    }
  }
  if (hierarchies['memory'] === undefined && unified !== undefined) {
    return { version: 2, hierarchies: { unified } }
  }
  return { version: 1, hierarchies }
}

/** The cgroup with this path in every hierarchy, as a runtime makes it from one `cgroupsPath`. */
export function cgroupAt(layout: CgroupLayout, path: string): Cgroup {
  const folders = Object.entries(layout.hierarchies).map(([name, place]) => [name, folderOf(place, path)] as const)
  return { version: layout.version, path, folders: Object.fromEntries(folders) }
}

/** The cgroup that a process is in, or null where the process is gone. */
export async function locateCgroup(layout: CgroupLayout, pid: number): Promise<Cgroup | null> {
  const text = await readKernelFile(`/proc/${pid}/cgroup`)
  return text === null || text === '' ? null : cgroupFromProc(layout, text)
}

/** From the text of /proc/<pid>/cgroup (cgroups(7)): lines `id:controllers:path`. */
export function cgroupFromProc(layout: CgroupLayout, text: string): Cgroup {
  const paths = new Map<string, string>()
  for (const line of text.split('\n')) {
    const [id, names, ...rest] = line.split(':')
    if (names === undefined) continue
    const path = rest.join(':')
    if (id === '0' && names === '') paths.set('unified', path)
    for (const name of names.split(',')) if (name !== '') paths.set(name, path)
  }
  const folders: Record<string, string> = {}
  for (const [name, place] of Object.entries(layout.hierarchies)) {
    const path = paths.get(name)
    if (path !== undefined) folders[name] = folderOf(place, path)
  }
  const main = layout.version === 2 ? 'unified' : 'memory'
  return { version: layout.version, path: paths.get(main) ?? '/', folders }
}

function folderOf(place: { mountPoint: string; root: string }, path: string): string {
  const inside = place.root !== '/' && path.startsWith(`${place.root}/`) ? path.slice(place.root.length) : path
  const clean = inside.split('/').filter((part) => part !== '' && part !== '.' && part !== '..')
  return [place.mountPoint, ...clean].join('/')
}

/** The cgroup's file that belongs to a controller: `cgroupFile(cgroup, 'memory', 'memory.stat')`, or null. */
export function cgroupFile(cgroup: Cgroup, controller: string, name: string): string | null {
  const folder = cgroup.version === 2 ? cgroup.folders['unified'] : cgroup.folders[controller]
  return folder === undefined ? null : `${folder}/${name}`
}
