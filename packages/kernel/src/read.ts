import { closeSync, openSync, readSync } from 'node:fs'
import { readlink } from 'node:fs/promises'

/** What the kernel says when a process, a cgroup or a file of it is not there or not any more. */
const gone = new Set(['ENOENT', 'ESRCH', 'ENODEV', 'ENOTDIR', 'EOPNOTSUPP', 'EINVAL', 'EACCES', 'EPERM'])

/**
 * A file of /proc or /sys, without its last newline, or null where the kernel has none (any more). Such files say a size
 * of 0, so at most `maxBytes` are read and the rest is left.
 */
export function readKernelFile(path: string, maxBytes = 256 * 1024): Promise<string | null> {
  try {
    return Promise.resolve(readNow(path, maxBytes))
  } catch (error) {
    return isGone(error) ? Promise.resolve(null) : Promise.reject(error as Error)
  }
}

/**
 * At once: the kernel answers from memory within microseconds, where a way through Node's file workers costs ten times that,
 * five times over. An agent with fifty containers reads some hundred such files every ten seconds.
 */
function readNow(path: string, maxBytes: number): string {
  const file = openSync(path, 'r')
  try {
    const chunks: Buffer[] = []
    let left = maxBytes
    while (left > 0) {
      const chunk = Buffer.allocUnsafe(Math.min(left, 16 * 1024))
      const bytesRead = readSync(file, chunk, 0, chunk.length, null)
      if (bytesRead === 0) break
      chunks.push(chunk.subarray(0, bytesRead))
      left -= bytesRead
    }
    return Buffer.concat(chunks).toString().replace(/\n$/, '')
  } finally {
    closeSync(file)
  }
}

/** Where a link of /proc points, or null. */
export async function readKernelLink(path: string): Promise<string | null> {
  try {
    return await readlink(path)
  } catch (error) {
    if (isGone(error)) return null
    throw error
  }
}

export function isGone(error: unknown): boolean {
  return error instanceof Error && 'code' in error && gone.has(String(error.code))
}

/** `name value` lines as most cgroup files have them; values that are no number are left out. */
export function parseFlat(text: string | null): Map<string, number> {
  const values = new Map<string, number>()
  for (const line of text?.split('\n') ?? []) {
    const [name, value] = line.trim().split(/\s+/)
    const number = parseNumber(value ?? null)
    if (name !== undefined && number !== null) values.set(name, number)
  }
  return values
}

/** A count as the kernel prints it, of 64 bits at most; `max`, -1, a missing file and what is no number are null. */
export function parseNumber(text: string | null): number | null {
  return text !== null && /^\d{1,20}$/.test(text.trim()) ? Number(text.trim()) : null
}

/** A process or an account by its number; null for what is none. */
export function parseId(text: string | undefined): number | null {
  const number = parseNumber(text ?? null)
  return number !== null && Number.isSafeInteger(number) ? number : null
}
