import { type ChildProcess, type StdioOptions, spawn as spawnChild } from 'node:child_process'
import { basename } from 'node:path'
import { type FlotillaError, fail } from '@flotilla/protocol'
import { underWay } from './under-way.ts'

export interface RunOptions {
  signal?: AbortSignal
  /** Milliseconds until the program is killed and TIMEOUT is thrown; 30,000 unless told otherwise. */
  timeoutMs?: number
  stdin?: string | Uint8Array
  /** Most bytes kept of each output stream; more is RESOURCE_EXHAUSTED. 4 MiB unless told otherwise. */
  maxOutputBytes?: number
  env?: Record<string, string>
  cwd?: string
  /** Told the program's number as soon as it is started. */
  onStart?: (pid: number) => void
  /** The id of the object that it is run for, by which others see what that waits for. */
  about?: string
}

export interface RunResult {
  exitCode: number
  stdout: Buffer
  stderr: string
}

export interface SpawnOptions {
  stdio?: StdioOptions
  env?: Record<string, string>
  cwd?: string
  /** A process group of its own, so that the terminal's Ctrl-C does not reach it. */
  detached?: boolean
  uid?: number
  gid?: number
}

/** A killed program is gone by then, or is not waited for any longer. */
const afterKillMs = 2000

/** Starts a program from an argument array, never through a shell. The caller owns its end. */
export function spawn(argv: readonly string[], options: SpawnOptions = {}): ChildProcess {
  const [program, ...rest] = argv
  if (program === undefined) throw fail('host.namelessProgram')
  // A dependency widens ProcessEnv with names that only it needs; what a child gets is exactly this record.
  const env = (options.env ?? minimalEnv()) as NodeJS.ProcessEnv
  return spawnChild(program, rest, { ...options, env })
}

/** What programs get where nothing is said: a path and a locale, none of our secrets. */
export function minimalEnv(): Record<string, string> {
  return { PATH: '/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin', LC_ALL: 'C.UTF-8' }
}

/**
 * Runs a program to its end and gives its output, whatever its exit code.
 * Throws NOT_FOUND where the program is not installed, TIMEOUT, CANCELLED or RESOURCE_EXHAUSTED; the child is killed then, and no
 * longer waited for than two seconds.
 */
export function run(argv: readonly string[], options: RunOptions = {}): Promise<RunResult> {
  return underWay(innerProgramOf(argv), () => runToEnd(argv, options), options.about)
}

function runToEnd(argv: readonly string[], options: RunOptions): Promise<RunResult> {
  const { signal, timeoutMs = 30_000, maxOutputBytes = 4 * 1024 * 1024 } = options
  return new Promise((resolve, reject) => {
    if (signal?.aborted === true) {
      reject(fail('call.cancelled'))
      return
    }
    const child = spawn(argv, { stdio: ['pipe', 'pipe', 'pipe'], env: options.env, cwd: options.cwd })
    if (child.pid !== undefined) options.onStart?.(child.pid)
    const output: { stdout: Buffer[]; stderr: Buffer[] } = { stdout: [], stderr: [] }
    const sizes = { stdout: 0, stderr: 0 }
    let failure: FlotillaError | undefined
    let giveUp: NodeJS.Timeout | undefined
    const end = (error: FlotillaError) => {
      failure ??= error
      child.kill('SIGKILL')
      // The kernel may hold it, on a disk that does not answer say, or one that it started holds its output.
      giveUp ??= setTimeout(() => {
        for (const stream of child.stdio) stream?.destroy()
        child.unref()
        settle(() => reject(error))
      }, afterKillMs)
    }
    const onAbort = () => end(fail('call.cancelled'))
    const timer = setTimeout(
      () => end(fail('host.programSlow', { program: programOf(argv), milliseconds: timeoutMs })),
      timeoutMs,
    )
    signal?.addEventListener('abort', onAbort, { once: true })
    for (const name of ['stdout', 'stderr'] as const) {
      child[name]?.on('data', (chunk: Buffer) => {
        sizes[name] += chunk.length
        if (sizes[name] > maxOutputBytes) {
          end(fail('host.programTalks', { program: programOf(argv), bytes: maxOutputBytes }))
        } else output[name].push(chunk)
      })
    }
    child.stdin?.on('error', () => {}) // the program may end without reading its input; its exit code tells
    child.stdin?.end(options.stdin)
    const settle = (then: () => void) => {
      clearTimeout(timer)
      clearTimeout(giveUp)
      signal?.removeEventListener('abort', onAbort)
      then()
    }
    child.once('error', (error: NodeJS.ErrnoException) => settle(() => reject(startError(argv, error))))
    child.once('close', (code, killedBy) =>
      settle(() => {
        if (failure !== undefined) reject(failure)
        else {
          resolve({
            exitCode: code ?? 128,
            stdout: Buffer.concat(output.stdout),
            stderr: Buffer.concat(output.stderr).toString() + (killedBy === null ? '' : `\nended by ${killedBy}`),
          })
        }
      }),
    )
  })
}

/** Like `run`, but an exit code other than 0 throws INTERNAL with the program's own words as detail. */
export async function runOk(argv: readonly string[], options: RunOptions = {}): Promise<RunResult> {
  const result = await run(argv, options)
  if (result.exitCode !== 0) {
    throw fail(
      'host.programFailed',
      { program: programOf(argv), exitCode: result.exitCode },
      {
        detail: `${argv.join(' ')}\n${result.stderr.slice(0, 4000)}`,
      },
    )
  }
  return result
}

/** What the sentence calls it. */
function programOf(argv: readonly string[]): string {
  return argv[0] ?? ''
}

/** What is really waited for: a program that is run inside of a namespace, by its name. */
function innerProgramOf(argv: readonly string[]): string {
  const inner = argv[0] === 'nsenter' ? argv.slice(1).find((word) => !word.startsWith('-')) : argv[0]
  return basename(inner ?? '')
}

function startError(argv: readonly string[], error: NodeJS.ErrnoException): FlotillaError {
  return error.code === 'ENOENT'
    ? fail('host.programMissing', { program: programOf(argv) }, { cause: error })
    : fail(
        'host.programNotStarted',
        { program: programOf(argv) },
        {
          detail: error.message,
          cause: error,
        },
      )
}
