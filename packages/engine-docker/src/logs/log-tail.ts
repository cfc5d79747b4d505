import type { LogEntry } from './log-entry.ts'

const widerBy = 8
const mostLines = 10_000_000

/**
 * How many lines of both streams hold the last `count` of the wanted one: Docker counts before it chooses. Where the wanted
 * stream is rare, more and more is looked through.
 */
export async function findTail(
  read: (query: Record<string, string>) => AsyncIterable<LogEntry[]>,
  count: number,
  wanted: { stdout: boolean; stderr: boolean },
): Promise<number> {
  for (let asked = count; ; asked = Math.min(asked * widerBy, mostLines)) {
    const isWanted: boolean[] = []
    for await (const entries of read({ tail: String(asked) })) {
      for (const entry of entries) isWanted.push(wanted[entry.stream])
    }
    let left = count
    let at = isWanted.length
    while (at > 0 && left > 0) if (isWanted[--at] === true) left -= 1
    if (left === 0) return isWanted.length - at
    if (isWanted.length < asked || asked === mostLines) return isWanted.length
  }
}
