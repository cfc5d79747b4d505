import { readFile, readdir, readlink } from 'node:fs/promises'

/** The program that has a socket. */
export interface Holder {
  pid: number
  /** As the kernel knows it, at most 15 characters. */
  program: string
  /** The names that its control groups consist of: a container's id is among them. */
  groups: string[]
}

/** Who has these sockets, by their inodes; those of programs that end meanwhile are left out. */
export async function readHolders(inodes: ReadonlySet<string>, folder = '/proc'): Promise<Map<string, Holder>> {
  const holders = new Map<string, Holder>()
  if (inodes.size === 0) return holders
  for (const pid of await readdir(folder)) {
    if (!/^\d+$/.test(pid)) continue
    const held = (await socketsOf(`${folder}/${pid}/fd`)).filter((inode) => inodes.has(inode) && !holders.has(inode))
    if (held.length === 0) continue
    const [program, groups] = await Promise.all([
      readFile(`${folder}/${pid}/comm`, 'utf8').catch(() => ''),
      readFile(`${folder}/${pid}/cgroup`, 'utf8').catch(() => ''),
    ])
    const holder = { pid: Number(pid), program: program.trim(), groups: groupNames(groups) }
    for (const inode of held) holders.set(inode, holder)
  }
  return holders
}

/**
 * The ids of the containers that a program is in, whichever engine's, the outermost first; none for a program of the host. What this
 * process is in itself is its host.
 */
export async function containersOf({ groups }: Pick<Holder, 'groups'>, folder = '/proc'): Promise<string[]> {
  const own = new Set(groupNames(await readFile(`${folder}/self/cgroup`, 'utf8').catch(() => '')))
  return groups.filter((name) => /^[0-9a-f]{64}$/.test(name) && !own.has(name))
}

async function socketsOf(folder: string): Promise<string[]> {
  const descriptors = await readdir(folder).catch(() => []) // it may have ended meanwhile
  const targets = await Promise.all(descriptors.map((name) => readlink(`${folder}/${name}`).catch(() => '')))
  return targets.flatMap((target) => /^socket:\[(\d+)\]$/.exec(target)?.[1] ?? [])
}

/** `/docker/<id>`, `/system.slice/docker-<id>.scope`: the parts of the paths, and the parts of those. */
function groupNames(text: string): string[] {
  const parts = text.split('\n').flatMap((line) => line.split(':').slice(2).join(':').split('/'))
  return [...new Set(parts.flatMap((part) => [part, ...part.split(/[-.:]/)]))].filter((part) => part.length > 11)
}
