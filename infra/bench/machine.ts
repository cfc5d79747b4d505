import { readFileSync } from 'node:fs'
import os from 'node:os'
import { run, runOk } from '@flotilla/host'
import { FlotillaError } from '@flotilla/protocol'

export interface Machine {
  date: string
  cpu: string
  cores: number
  memoryGiB: number
  kernel: string
  versions: string
}

/** Programs that a bench stands beside, and how each tells its version. */
const programs: Record<string, string[]> = {
  'Docker Engine': ['dockerd', '--version'],
  'Docker client': ['docker', '--version'],
  runc: ['runc', '--version'],
  conmon: ['conmon', '--version'],
  netavark: ['/usr/lib/podman/netavark', '--version'],
  'docker-registry': ['docker-registry', '--version'],
}

/**
 * This machine as it is now. Throws UNAVAILABLE with the names of peers that are not installed, where they are needed: a figure
 * without its peer says nothing.
 */
export async function readMachine({ needsPeers }: { needsPeers: boolean }): Promise<Machine> {
  const versions: string[] = [`Node ${process.version.slice(1)}`]
  const missing: string[] = []
  for (const [name, argv] of Object.entries(programs)) {
    const result = await run(argv).catch(() => null)
    const version = /\d+\.\d+[^\s,]*/.exec(result?.stdout.toString() ?? '')?.[0]
    if (result?.exitCode === 0 && version !== undefined) versions.push(`${name} ${version}`)
    else missing.push(name)
  }
  if (needsPeers && missing.length > 0) {
    throw new FlotillaError(
      'UNAVAILABLE',
      `These peers are missing: ${missing.join(', ')}. Install docker.io (and docker-cli on Debian 13), docker-registry, runc, conmon and netavark.`,
    )
  }
  return {
    date: new Date().toISOString().slice(0, 16).replace('T', ' '),
    cpu: os.cpus()[0]?.model.trim() ?? 'an unknown processor',
    cores: os.cpus().length,
    memoryGiB: Math.round(os.totalmem() / 1024 ** 3),
    kernel: os.release(),
    versions: versions.join(', '),
  }
}

export function loadNow(): number {
  return Number(readFileSync('/proc/loadavg', 'utf8').split(' ')[0])
}

/** The commit of the checkout, with `-dirty` where files differ from it. */
export async function readCommit(folder: string): Promise<string> {
  const { stdout } = await runOk(['git', 'describe', '--always', '--dirty', '--abbrev=7', '--exclude', '*'], {
    cwd: folder,
  })
  return stdout.toString().trim()
}
