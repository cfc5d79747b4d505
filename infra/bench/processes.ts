import { readdir, readFile } from 'node:fs/promises'

/** USER_HZ, which the kernel promises to programs on every architecture that Node runs on. */
export const ticksPerSecond = 100

/** Pids of programs of that name whose command line holds a text, and those of their children where asked. */
export async function programsOf(name: string, text: string, withChildren = false): Promise<number[]> {
  const all: { pid: number; parent: number; own: boolean }[] = []
  for (const entry of await readdir('/proc')) {
    if (!/^\d+$/.test(entry)) continue
    const [words, status] = await Promise.all(
      ['cmdline', 'status'].map((file) => readFile(`/proc/${entry}/${file}`, 'utf8').catch(() => '')), // it may have ended
    )
    const line = (words ?? '').replaceAll('\0', ' ')
    const parent = Number(/^PPid:\s+(\d+)/m.exec(status ?? '')?.[1] ?? 0)
    const comm = /^Name:\s+(.*)/m.exec(status ?? '')?.[1]
    all.push({ pid: Number(entry), parent, own: comm === name && line.includes(text) })
  }
  const found = new Set(all.filter(({ own }) => own).map(({ pid }) => pid))
  if (withChildren) for (const { pid, parent } of all) if (found.has(parent)) found.add(pid)
  return [...found]
}

/** utime and stime of proc(5)'s stat, of the whole process. */
export async function cpuTicks(pid: number): Promise<number> {
  const stat = await readFile(`/proc/${pid}/stat`, 'utf8')
  const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ')
  return Number(fields[11]) + Number(fields[12])
}

/** Its resident set. */
export async function residentMb(pid: number): Promise<number> {
  return kilobytes(await readFile(`/proc/${pid}/status`, 'utf8'), 'VmRSS') / 1000
}

/** Their proportional sets: what they share is counted once. */
export async function proportionalMb(pids: readonly number[]): Promise<number> {
  // One of them, such as a connection's process of the database, may have ended meanwhile.
  const texts = await Promise.all(pids.map((pid) => readFile(`/proc/${pid}/smaps_rollup`, 'utf8').catch(() => '')))
  return texts.reduce((sum, text) => sum + kilobytes(text, 'Pss'), 0) / 1000
}

/** A line of a file such as `/proc/PID/status`, in units of 1,000 bytes. */
export function kilobytes(text: string, name: string): number {
  return (Number(new RegExp(`^${name}:\\s+(\\d+) kB`, 'm').exec(text)?.[1] ?? 0) * 1024) / 1000
}
