import { existsSync } from 'node:fs'
import { readFile } from 'node:fs/promises'
import os from 'node:os'
import type { DiskRoom } from '@flotilla/host'
import { type HostFacts, protocolVersion } from '@flotilla/protocol'

/** What this host is and how it stands now; `dataDir` lies on the disk that counts, which has this room. */
export async function hostFacts(dataDir: string, room: DiskRoom, agentVersion: string): Promise<HostFacts> {
  const [release, meminfo, stat] = await Promise.all([
    readFile('/etc/os-release', 'utf8').catch(() => ''), // a host without one is just Linux
    readFile('/proc/meminfo', 'utf8'),
    readFile('/proc/stat', 'utf8'),
  ])
  const available = /^MemAvailable:\s+(\d+) kB/m.exec(meminfo)?.[1]
  const bootSeconds = Number(/^btime (\d+)/m.exec(stat)?.[1] ?? 0)
  return {
    hostname: os.hostname(),
    os: /^PRETTY_NAME="?([^"\n]*)/m.exec(release)?.[1] ?? 'Linux',
    kernel: os.release(),
    architecture: os.arch(),
    cpus: os.cpus().length,
    memoryBytes: os.totalmem(),
    memoryAvailableBytes: available === undefined ? os.freemem() : Number(available) * 1024,
    diskTotalBytes: room.totalBytes,
    diskFreeBytes: room.freeBytes,
    diskFloorBytes: room.floorBytes,
    diskFolder: dataDir,
    loadAverage: os.loadavg()[0] ?? 0,
    cgroupVersion: existsSync('/sys/fs/cgroup/cgroup.controllers') ? 2 : 1,
    bootedAt: new Date(bootSeconds * 1000).toISOString(),
    agentVersion,
    protocolVersion,
  }
}
