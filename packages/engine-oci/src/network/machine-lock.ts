import { mkdir } from 'node:fs/promises'
import { dirname } from 'node:path'
import { spawn } from '@flotilla/host'
import { fail } from '@flotilla/protocol'

/**
 * Runs `work` while this machine's lock on `path` is held. Node has no flock, so util-linux's holds it: its `cat` answers
 * once the lock is had, and ends with our end of the pipe, also where we die. Throws TIMEOUT.
 */
export async function withMachineLock<T>(path: string, work: () => Promise<T>, timeoutMs = 20_000): Promise<T> {
  await mkdir(dirname(path), { recursive: true })
  const holder = spawn(['flock', '--exclusive', path, 'cat'], { stdio: ['pipe', 'pipe', 'ignore'], detached: true })
  const ended = new Promise<void>((resolve) => {
    holder.once('close', () => resolve())
    holder.once('error', () => resolve())
  })
  try {
    await new Promise<void>((resolve, reject) => {
      const busy = fail('network.lockHeld')
      const timer = setTimeout(() => reject(busy), timeoutMs)
      const settle = (then: () => void) => {
        clearTimeout(timer)
        then()
      }
      holder.stdout?.once('data', () => settle(resolve))
      holder.once('error', (cause) => settle(() => reject(fail('network.noFlock', {}, { cause }))))
      holder.once('close', () => settle(() => reject(fail('network.noLock', { path }))))
      holder.stdin?.on('error', () => {}) // its end is told by `close`
      holder.stdin?.write('locked\n')
    })
    return await work()
  } finally {
    holder.stdin?.end()
    if (holder.exitCode === null) holder.kill('SIGTERM')
    await ended
  }
}
