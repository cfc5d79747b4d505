import { join } from 'node:path'
import { spawn } from '@flotilla/host'
import { fail } from '@flotilla/protocol'

/** Seconds to wait for an agent that is just ending. */
const waitSeconds = 5

/**
 * Holds the data folder for this process alone. The lock belongs to a `flock` that ends with its standard input, which
 * the kernel closes however this process dies. Throws CONFLICT where another agent has it. Gives what lets go of it.
 */
export function lockDataDir(dataDir: string): Promise<() => void> {
  const file = join(dataDir, 'agent.lock')
  return new Promise((resolve, reject) => {
    const child = spawn(['flock', '--exclusive', '--wait', String(waitSeconds), file, 'cat'], {
      stdio: ['pipe', 'pipe', 'ignore'],
      detached: true,
    })
    const refused = fail('agent.folderTaken', { folder: dataDir })
    child.once('error', (error) => reject(fail('host.noFlock', {}, { cause: error })))
    child.once('exit', () => reject(refused))
    child.stdin?.on('error', () => {}) // flock gave up: its exit says so
    child.stdout?.once('data', () => resolve(() => child.stdin?.end()))
    child.stdin?.write('locked\n') // comes back from cat once the lock is held
  })
}
