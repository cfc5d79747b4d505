import { once } from 'node:events'
import type { ChildProcess } from 'node:child_process'
import { readFile } from 'node:fs/promises'
import { setTimeout as sleep } from 'node:timers/promises'
import { run, spawn } from '@flotilla/host'
import { FlotillaError } from '@flotilla/protocol'

/**
 * A process that pins network, mount, process and hostname namespaces. It is the first process in them: when it ends,
 * the kernel ends all the others and takes the mounts and links away.
 */
export interface Holder {
  /** The first process's id as this machine sees it. */
  pid: number
  /** Puts a command's arguments into the namespaces. */
  enter(argv: readonly string[]): string[]
  end(): Promise<void>
}

/** As the first process it gathers the dead of others, which a plain `sleep` would not. */
const firstProcess = 'while :; do sleep 1000 & wait $!; done'

export async function hold(): Promise<Holder> {
  const unshare = ['unshare', '--net', '--mount', '--uts', '--ipc', '--pid', '--fork', '--kill-child', '--mount-proc']
  // A test that dies hard takes its hosts along.
  const argv = [
    'setpriv',
    '--pdeathsig',
    'KILL',
    '--',
    ...unshare,
    '--propagation',
    'private',
    'bash',
    '-c',
    firstProcess,
  ]
  const outer = spawn(argv, { stdio: 'ignore', detached: true })
  const pid = await firstPid(outer)
  return {
    pid,
    enter: (inner) => [
      'nsenter',
      ...['--target', String(pid), '--net', '--mount', '--uts', '--ipc', '--pid', '--wd=/'],
      '--',
      ...inner,
    ],
    async end() {
      if (outer.exitCode !== null || outer.signalCode !== null) return
      const ended = once(outer, 'exit')
      outer.kill('SIGKILL')
      await ended
      await gone(pid)
    },
  }
}

async function firstPid(outer: ChildProcess): Promise<number> {
  for (let tries = 0; tries < 200; tries++) {
    if (outer.exitCode !== null) break
    const children = await readFile(`/proc/${outer.pid}/task/${outer.pid}/children`, 'utf8').catch(() => '')
    const pid = Number(children.trim().split(' ')[0])
    // The first process is there once its own /proc is: then all namespaces are made.
    if (pid > 0 && (await run(['nsenter', '--target', String(pid), '--mount', 'ls', '/proc/1/ns'])).exitCode === 0) {
      const mine = await readFile(`/proc/${pid}/comm`, 'utf8').catch(() => '')
      if (mine.trim() === 'bash') return pid
    }
    await sleep(10)
  }
  outer.kill('SIGKILL')
  throw new FlotillaError('INTERNAL', 'The namespaces of a lab host could not be made; it needs root.')
}

async function gone(pid: number): Promise<void> {
  for (let tries = 0; tries < 500; tries++) {
    const stat = await readFile(`/proc/${pid}/stat`, 'utf8').catch(() => '')
    if (stat === '' || stat.includes(') Z ')) return
    await sleep(10)
  }
  throw new FlotillaError('TIMEOUT', `The first process ${pid} of a lab host did not end within 5 s.`)
}
