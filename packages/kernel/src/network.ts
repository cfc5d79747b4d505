import { parseNumber, readKernelFile } from './read.ts'

export interface NetworkCounters {
  receivedBytes: number
  sentBytes: number
}

/** Bytes over every interface but loopback of a process's network namespace; null where the process is gone. */
export async function readNetwork(pid: number): Promise<NetworkCounters | null> {
  const text = await readKernelFile(`/proc/${pid}/net/dev`)
  return text === null || text === '' ? null : parseNetDev(text)
}

/** /proc/net/dev: two lines of headings, then `name: received-bytes 7 more sent-bytes …` (proc(5)). */
export function parseNetDev(text: string): NetworkCounters {
  const sums = { receivedBytes: 0, sentBytes: 0 }
  for (const line of text.split('\n').slice(2)) {
    const at = line.lastIndexOf(':')
    if (at < 0 || line.slice(0, at).trim() === 'lo') continue
    const fields = line
      .slice(at + 1)
      .trim()
      .split(/\s+/)
      .map(parseNumber)
    sums.receivedBytes += fields[0] ?? 0
    sums.sentBytes += fields[8] ?? 0
  }
  return sums
}
