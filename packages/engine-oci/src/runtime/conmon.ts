import { constants } from 'node:fs'
import { open, readFile } from 'node:fs/promises'
import { constants as osConstants, setPriority } from 'node:os'
import { join } from 'node:path'
import { minimalEnv, spawn, underWay } from '@flotilla/host'
import { identifyProcess, type ProcessIdentity } from '@flotilla/kernel'
import { type FlotillaError, fail } from '@flotilla/protocol'
import { z } from 'zod'
import { shareOfSession } from './process.ts'
import { type Runc, runtimeError } from './runc.ts'

export interface ConmonOptions {
  conmonPath: string
  runtime: Runc
  containerId: string
  /** conmon's own folder: ctl and winsz FIFOs, attach socket, pid files; for a container also config.json. */
  folder: string
  logPath: string
  /** Most bytes of one log file: then conmon puts another one in its place. */
  logBytes: number
  /** conmon writes the exit code here in a file named by the container's id. */
  exitDir: string
  terminal: boolean
  /** Keeps a standard input that a client of the attach socket can write to. */
  stdin: boolean
  /** A process document (runtime-spec "Process"): then a command is started inside the running container. */
  execProcessPath?: string
  /**
   * Gives way to others where the processor is short: a chatty container's log then takes what is left, and slows its writer
   * rather than the host's terminals. The container itself is not touched.
   */
  background?: boolean
  /** Called as soon as conmon was started, long before the runtime is done. */
  onSpawned?: () => void
  signal?: AbortSignal
  timeoutMs?: number
}

export interface Launched {
  /** Null where it has ended already. */
  conmon: ProcessIdentity | null
  /** Null where the process has ended already; the exit file tells how. */
  process: ProcessIdentity | null
}

/** A ninth of a usual process's share where all of them want the processor. */
const backgroundNice = 10
/** Three times a usual share: somebody types and waits for the echo. */
export const foregroundNice = -5

/** conmon's word on its synchronisation pipe: the pid, or a negative number and what the runtime said. */
const SyncMessage = z.object({ data: z.number().int(), message: z.string().optional() })

/**
 * Starts conmon, which makes the container (or the exec) through the runtime, outlives us, keeps the log and writes the
 * exit code. A container is then created, not yet started. Throws what `runtimeError` makes of the runtime's words.
 */
export async function launchConmon(options: ConmonOptions): Promise<Launched> {
  const argv = [
    options.conmonPath,
    ...['--api-version', '1', '--cid', options.containerId, '--cuuid', options.containerId],
    ...['--name', options.containerId, '--bundle', options.folder, '--full-attach', '--no-sync-log'],
    ...['--runtime', options.runtime.path, '--runtime-arg', '--root', '--runtime-arg', options.runtime.root],
    ...['--runtime-arg', '--log-format', '--runtime-arg', 'json'],
    ...[
      '--log-path',
      `k8s-file:${options.logPath}`,
      '--log-size-max',
      String(options.logBytes),
      '--exit-dir',
      options.exitDir,
      '--log-level',
      'error',
    ],
    ...['--container-pidfile', join(options.folder, 'pid'), '--conmon-pidfile', join(options.folder, 'conmon.pid')],
    ...(options.terminal ? ['--terminal', '--leave-stdin-open'] : []),
    ...(options.stdin ? ['--stdin'] : []),
    ...(options.execProcessPath === undefined ? [] : ['--exec', '--exec-process-spec', options.execProcessPath]),
  ]
  const message = await underWay('conmon', () => synchronise(argv, options), options.containerId)
  if (message.data < 0) throw runtimeError(message.message ?? '')
  const launched = await readLaunched(options.folder, message.data)
  if (launched.conmon === null) return launched
  if (options.background === true) await giveWay(launched.conmon.pid)
  else await shareOfSession(launched.conmon.pid, foregroundNice)
  return launched
}

/** Its session as well: where the kernel groups tasks by it, a nice value counts within the group alone. */
async function giveWay(pid: number): Promise<void> {
  try {
    setPriority(pid, backgroundNice)
  } catch (error) {
    // It may have ended already; Node keeps the system's number under `errno` here, not as the code.
    if ((error as NodeJS.ErrnoException).errno !== -osConstants.errno.ESRCH) throw error
  }
  await shareOfSession(pid, backgroundNice)
}

/** What was started in a folder, from conmon's own files; for an agent that finds it there. */
export async function readLaunched(folder: string, pid?: number): Promise<Launched> {
  const [conmonPid, found] = await Promise.all([
    readPid(join(folder, 'conmon.pid')),
    pid === undefined ? readPid(join(folder, 'pid')) : pid,
  ])
  const [conmon, process] = await Promise.all([
    conmonPid === null ? null : identifyProcess(conmonPid),
    found === null ? null : identifyProcess(found),
  ])
  return { conmon, process }
}

async function readPid(path: string): Promise<number | null> {
  try {
    const pid = Number((await readFile(path, 'utf8')).trim())
    return Number.isSafeInteger(pid) && pid > 0 ? pid : null
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return null
    throw error
  }
}

function synchronise(argv: string[], options: ConmonOptions): Promise<z.infer<typeof SyncMessage>> {
  const { signal, timeoutMs = 60_000 } = options
  return new Promise((resolve, reject) => {
    signal?.throwIfAborted()
    const child = spawn(argv, {
      stdio: ['ignore', 'ignore', 'pipe', 'pipe'],
      env: { ...minimalEnv(), _OCI_SYNCPIPE: '3' },
      cwd: options.folder,
      detached: true,
    })
    options.onSpawned?.()
    const pipe = child.stdio[3] as NodeJS.ReadableStream | null
    let text = ''
    let errors = ''
    const finish = (then: () => void) => {
      clearTimeout(timer)
      signal?.removeEventListener('abort', onAbort)
      for (const stream of [child.stdio[2], child.stdio[3]]) stream?.destroy()
      then()
    }
    const giveUp = (error: FlotillaError) => finish(() => reject(error))
    const onAbort = () => {
      child.kill('SIGKILL')
      giveUp(fail('runtime.cancelled'))
    }
    const timer = setTimeout(() => {
      child.kill('SIGKILL')
      giveUp(fail('runtime.slow', { milliseconds: timeoutMs }))
    }, timeoutMs)
    signal?.addEventListener('abort', onAbort, { once: true })
    const settle = () => {
      for (const line of text.split('\n')) {
        if (line.trim() === '') continue
        const parsed = SyncMessage.safeParse(parseJson(line))
        if (parsed.success) return finish(() => resolve(parsed.data))
      }
      return undefined
    }
    pipe?.on('data', (chunk: Buffer) => {
      if (text.length < 65536) text += chunk.toString()
      if (text.endsWith('\n')) settle()
    })
    pipe?.on('end', () => {
      if (settle() === undefined) giveUp(runtimeError(errors === '' ? text : errors))
    })
    pipe?.on('error', (error) => giveUp(fail('runtime.conmonUnread', {}, { cause: error })))
    child.stderr?.on('data', (chunk: Buffer) => {
      if (errors.length < 65536) errors += chunk.toString()
    })
    child.once('error', (error) => giveUp(fail('runtime.conmonNotStarted', {}, { cause: error })))
  })
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return undefined // half a line; the rest follows
  }
}

/** Tells conmon to open its log anew; what was at the log's path is replaced at once. Throws where conmon is gone. */
export const reopenLog = (folder: string): Promise<void> => writeControl(folder, '2 0 0\n')

/** Gives a terminal its size. */
export const resizeTerminal = (folder: string, columns: number, rows: number): Promise<void> =>
  writeControl(folder, `1 ${rows} ${columns}\n`)

/** A line of at most 199 bytes into conmon's FIFO; without O_NONBLOCK a dead conmon would hold us for ever. */
async function writeControl(folder: string, line: string): Promise<void> {
  const file = await open(join(folder, 'ctl'), constants.O_WRONLY | constants.O_NONBLOCK)
  try {
    await file.write(line)
  } finally {
    await file.close()
  }
}
