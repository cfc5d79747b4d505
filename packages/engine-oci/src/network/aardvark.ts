import { readdir, readFile, rename, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { type Netavark, nowhere } from './netavark.ts'

/** Who an address belongs to, as containers ask for it. */
export interface NameEntry {
  containerId: string
  names: readonly string[]
}

/**
 * Gives an address that netavark registered for one container to another: the name server reads it anew at once. Lines are
 * `id ipv4 ipv6 names`, as netavark writes them. Idempotent. False where no server runs or nothing is registered: then only
 * netavark itself can register it. The caller sees to it that no netavark runs at the same time.
 */
export async function passName(
  { configDir }: Netavark,
  network: string,
  from: string,
  to: NameEntry,
): Promise<boolean> {
  const folder = join(configDir, 'aardvark-dns')
  const path = join(folder, network)
  const text = await readIfThere(path)
  const pid = await serverPid(folder)
  if (text === null || pid === null) return false
  const lines = text.split('\n')
  if (lines.some((line) => line.startsWith(`${to.containerId} `))) return true
  const at = lines.findIndex((line) => line.startsWith(`${from} `))
  const [, v4, v6, , ...rest] = lines[at]?.split(' ') ?? []
  if (v4 === undefined || v6 === undefined) return false
  const line = [to.containerId, v4, v6, [...new Set(to.names)].join(','), ...rest].join(' ')
  await replace(configDir, network, lines.with(at, line), pid)
  return true
}

/** Takes out what a container is registered under on a network; for where netavark failed to. Idempotent. */
export async function removeName(netavark: Netavark, network: string, containerId: string): Promise<void> {
  await change(netavark, network, (lines) => lines.filter((line) => !line.startsWith(`${containerId} `)))
}

/** Makes what a container asks on an internal network lead nowhere; for one that an agent before this put there. Idempotent. */
export async function closeName(netavark: Netavark, network: string, containerId: string): Promise<void> {
  await change(netavark, network, (lines) =>
    lines.map((line) => {
      const words = line.split(' ')
      return words[0] === containerId ? [...words.slice(0, 4), nowhere].join(' ') : line
    }),
  )
}

async function change({ configDir }: Netavark, network: string, edit: (lines: string[]) => string[]): Promise<void> {
  const folder = join(configDir, 'aardvark-dns')
  // The name that netavark gives the file of an internal network from 1.11 on.
  for (const name of [network, `${network}%int`]) {
    const lines = (await readIfThere(join(folder, name)))?.split('\n') ?? []
    const left = edit(lines)
    if (left.join('\n') !== lines.join('\n')) await replace(configDir, name, left, await serverPid(folder))
  }
}

/** Not written in the server's folder, where it takes every file for a network. */
async function replace(configDir: string, network: string, lines: string[], pid: number | null): Promise<void> {
  const temporary = join(configDir, `${network}.new`)
  await writeFile(temporary, lines.join('\n'), { mode: 0o644 })
  await rename(temporary, join(configDir, 'aardvark-dns', network))
  if (pid !== null) process.kill(pid, 'SIGHUP')
}

/**
 * Ends every name server of this folder; for when nobody is left to ask it. netavark does so too, but a server that had not
 * yet written its number when the last container went is one that it does not find.
 */
export async function endNameServers({ configDir }: Netavark): Promise<void> {
  const folder = join(configDir, 'aardvark-dns')
  for (const name of await readdir('/proc')) {
    const pid = Number(name)
    if (!Number.isSafeInteger(pid)) continue
    const words = ((await readIfThere(`/proc/${name}/cmdline`)) ?? '').split('\0')
    if (words[0]?.endsWith('/aardvark-dns') !== true || !words.includes(folder)) continue
    try {
      process.kill(pid, 'SIGTERM')
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'ESRCH') throw error
    }
  }
}

/** The running name server of this folder; a number that was given to another program is nobody. */
async function serverPid(folder: string): Promise<number | null> {
  const pid = Number((await readIfThere(join(folder, 'aardvark.pid')))?.trim() ?? '')
  if (!Number.isSafeInteger(pid) || pid <= 1) return null
  const words = ((await readIfThere(`/proc/${pid}/cmdline`)) ?? '').split('\0')
  return words.includes(folder) ? pid : null
}

async function readIfThere(path: string): Promise<string | null> {
  try {
    return await readFile(path, 'utf8')
  } catch (error) {
    if (error instanceof Error && 'code' in error && (error.code === 'ENOENT' || error.code === 'ESRCH')) return null
    throw error
  }
}
