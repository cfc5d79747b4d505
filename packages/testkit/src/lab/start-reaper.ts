import { once } from 'node:events'
import { spawn } from '@flotilla/host'
import { FlotillaError } from '@flotilla/protocol'

/**
 * Starts the process that takes a platform away when this one lets go of it, also by being killed. Ending it throws where the
 * platform left something that it should have taken away itself.
 */
export function startReaper(program: string, of: { folder: string; instance: string; native: boolean }) {
  const argv = [process.execPath, program, of.folder, of.instance, of.native ? 'native' : 'none']
  const child = spawn(argv, { stdio: ['pipe', 'pipe', 'pipe'], detached: true, cwd: '/' })
  let left = ''
  for (const stream of [child.stdout, child.stderr]) stream?.on('data', (chunk: Buffer) => (left += chunk.toString()))
  const ended = once(child, 'close')
  child.unref()
  return {
    async end() {
      child.ref()
      child.stdin?.end()
      await ended
      if (left.trim() === '' && child.exitCode === 0) return
      throw new FlotillaError(
        'INTERNAL',
        `The platform left behind:\n${left.trim() || 'what its reaper did not come to'}`,
      )
    },
  }
}
