import { constants } from 'node:fs'
import { access, mkdir, rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { minimalEnv, run } from '@flotilla/host'
import { type RuntimeInfo, fail } from '@flotilla/protocol'

/** The runtime that containers are made with. */
export const defaultRuntime = 'runc'

/** Finds a program on the system's own path; undefined where it is not installed. */
export async function findProgram(
  name: string,
  folders: readonly string[] = systemFolders(),
): Promise<string | undefined> {
  for (const folder of folders) {
    const path = join(folder, name)
    const found = await access(path, constants.X_OK).then(
      () => true,
      () => false,
    )
    if (found) return path
  }
  return undefined
}

const systemFolders = (): string[] => [
  ...(minimalEnv().PATH ?? '').split(':'),
  '/usr/libexec/podman',
  '/usr/lib/podman',
]

/** Throws UNAVAILABLE that names the package. */
export async function requireProgram(name: string): Promise<string> {
  const path = await findProgram(name)
  if (path !== undefined) return path
  throw fail('runtime.programMissing', { program: name })
}

/** Where an instance tries its runtimes: names of its own, so that the next try finds what a killed one left. */
interface ProbePlace {
  instance: string
  runDir: string
  /** Where programs are looked for; the system's own path unless told otherwise. */
  folders?: readonly string[]
}

/** Every OCI runtime that is installed, tried: what cannot be used is shown with what it said. */
export async function probeRuntimes(where: ProbePlace): Promise<RuntimeInfo[]> {
  const found = await Promise.all(['runc', 'crun', 'runsc'].map((name) => probeRuntime(name, where)))
  return found.filter((info) => info !== undefined)
}

async function probeRuntime(name: string, where: ProbePlace): Promise<RuntimeInfo | undefined> {
  const path = await findProgram(name, where.folders)
  if (path === undefined) return undefined
  const isDefault = name === defaultRuntime
  const unusable = (reason: string, version: string | null = null): RuntimeInfo => ({
    ...{ name, path, version, usable: false, reason, isDefault },
  })
  try {
    const said = await run([path, '--version'], { timeoutMs: 10_000 })
    if (said.exitCode !== 0) return unusable(firstLine(said.stderr) || 'It does not start.')
    const version = parseVersion(said.stdout.toString())
    const problem = await tryRun(path, name, where)
    if (problem !== undefined) return unusable(problem, version)
    const warning = name === 'runc' && version !== null ? vulnerability(version) : undefined
    return { name, path, version, usable: true, ...(warning === undefined ? {} : { reason: warning }), isDefault }
  } catch (error) {
    return unusable(error instanceof Error ? error.message : String(error))
  }
}

const probeProgram = '/flotilla-probe'

/**
 * Lets it make a container whose program is not there. Who complains of the program has made namespaces, mounts and cgroups
 * and can be used; any other complaint is the reason why it cannot.
 */
async function tryRun(path: string, name: string, { instance, runDir }: ProbePlace): Promise<string | undefined> {
  const folder = join(runDir, `probe-${name}`)
  const id = `flotilla-${instance}-probe-${name}`
  try {
    await rm(folder, { recursive: true, force: true })
    await mkdir(join(folder, 'rootfs', 'proc'), { recursive: true })
    await writeFile(join(folder, 'config.json'), JSON.stringify(probeBundle(id)))
    const argv = [path, '--root', join(folder, 'state'), 'run', '--bundle', folder, id]
    const { stderr } = await run(argv, { timeoutMs: 10_000 })
    return stderr.includes(probeProgram) ? undefined : firstLine(stderr) || 'It made no container, and did not say why.'
  } finally {
    await rm(folder, { recursive: true, force: true })
  }
}

function probeBundle(id: string): object {
  return {
    ociVersion: '1.0.2',
    process: { user: { uid: 0, gid: 0 }, args: [probeProgram], cwd: '/', env: [], capabilities: {} },
    root: { path: 'rootfs', readonly: true },
    mounts: [{ destination: '/proc', type: 'proc', source: 'proc' }],
    linux: {
      namespaces: ['mount', 'pid', 'ipc', 'uts'].map((type) => ({ type })),
      cgroupsPath: `/${id}`,
      resources: { pids: { limit: 20 } },
    },
  }
}

const firstLine = (text: string): string => (text.trim().split('\n')[0] ?? '').slice(0, 500)

/** `runc version 1.1.5+ds1`, `crun version 1.8.1`, `runsc version release-20240101.0`. */
export function parseVersion(text: string): string | null {
  return /version\s+(?:release-)?(\S+)/.exec(text)?.[1] ?? null
}

interface Fix {
  cve: string
  what: string
  /** The first good version of each line that was mended. */
  fixed: readonly (readonly [number, number, number])[]
}

const fixes: readonly Fix[] = [
  { cve: 'CVE-2024-21626', what: 'a container can reach the host through a leaked descriptor', fixed: [[1, 1, 12]] },
  {
    cve: 'CVE-2025-31133',
    what: 'masked paths can be got round by a race',
    fixed: [
      [1, 2, 8],
      [1, 3, 3],
    ],
  },
]

/** Known holes of an upstream version of runc. A distribution may have mended them under the same number, which is said. */
export function vulnerability(version: string): string | undefined {
  const match = /^(\d+)\.(\d+)\.(\d+)/.exec(version)
  if (match === null) return undefined
  const own = [Number(match[1]), Number(match[2]), Number(match[3])] as const
  const open = fixes.filter(({ fixed }) => !fixed.some((good) => isMended(own, good)) && !isPast(own, fixed))
  if (open.length === 0) return undefined
  const list = open.map(({ cve, what }) => `${cve} (${what})`).join(', ')
  const patched = /[+~-]/.test(version) ? ' Its package may hold the fix under this number.' : ''
  return `Upstream runc ${match[0]} has ${list}.${patched} Keep the package up to date.`
}

type Triple = readonly [number, number, number]

/** In the same line as the good version, and not before it. */
const isMended = (own: Triple, good: Triple): boolean => own[0] === good[0] && own[1] === good[1] && own[2] >= good[2]

/** In a line younger than every one that had to be mended. */
const isPast = (own: Triple, fixed: readonly Triple[]): boolean =>
  fixed.every((good) => own[0] > good[0] || (own[0] === good[0] && own[1] > good[1]))
