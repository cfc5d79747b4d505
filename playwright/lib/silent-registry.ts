import { connect, type Socket } from 'node:net'
import { once } from 'node:events'
import { spawn } from '@flotilla/host'

export interface SilentRegistry {
  /** `127.0.0.1:41233`, as it stands in references. */
  readonly host: string
  stop(): Promise<void>
}

const listen = `
  const server = require('node:net').createServer().listen({ port: 0, host: '127.0.0.1', backlog: 1 }, () => {
    process.stdout.write(String(server.address().port))
  })`

/** More than the kernel takes for a program that accepts none. */
const queued = 4

/**
 * An address at which nothing is answered and nothing refused, as behind a firewall that drops packets: a program that listens
 * is held, and once the queue of its port is full the kernel drops whatever wants to connect.
 */
export async function openSilentRegistry(): Promise<SilentRegistry> {
  const argv = ['setpriv', '--pdeathsig', 'KILL', '--', process.execPath, '--eval', listen]
  const holder = spawn(argv, { stdio: ['ignore', 'pipe', 'ignore'], cwd: '/' })
  const exited = once(holder, 'exit')
  const { stdout } = holder
  if (stdout === null) throw new Error('The silent registry has no output.')
  const [said] = (await once(stdout, 'data')) as [Buffer]
  const port = Number(said.toString())
  holder.kill('SIGSTOP')
  const waiting: Socket[] = Array.from({ length: queued }, () => connect(port, '127.0.0.1').on('error', () => {}))
  return {
    host: `127.0.0.1:${port}`,
    async stop() {
      for (const socket of waiting) socket.destroy()
      holder.kill('SIGKILL')
      await exited
    },
  }
}
