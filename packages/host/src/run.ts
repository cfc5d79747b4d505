import { type ChildProcess, type StdioOptions, spawn as spawnChild } from 'node:child_process'
import { FlotillaError } from '@flotilla/protocol'

export interface RunOptions {
  signal?: AbortSignal
  /** Milliseconds until the program is killed and TIMEOUT is thrown; 30,000 unless told otherwise. */
  timeoutMs?: number
  stdin?: string | Uint8Array
  /** Most bytes kept of each output stream; more is RESOURCE_EXHAUSTED. 4 MiB unless told otherwise. */
  maxOutputBytes?: number
  env?: Record<string, string>
  cwd?: string
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

/** Starts a program from an argument array, never through a shell. The caller owns its end. */
export function spawn(argv: readonly string[], options: SpawnOptions = {}): ChildProcess {
  const [program, ...rest] = argv
  if (program === undefined) throw new FlotillaError('INTERNAL', 'A program was to be started without a name.')
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
 * Throws NOT_FOUND where the program is not installed, TIMEOUT, CANCELLED or RESOURCE_EXHAUSTED; the child is killed then.
 */
export function run(argv: readonly string[], options: RunOptions = {}): Promise<RunResult> {
  const { signal, timeoutMs = 30_000, maxOutputBytes = 4 * 1024 * 1024 } = options
  return new Promise((resolve, reject) => {
    if (signal?.aborted === true) {
      reject(new FlotillaError('CANCELLED', 'The call was cancelled.'))
      return
    }
    const child = spawn(argv, { stdio: ['pipe', 'pipe', 'pipe'], env: options.env, cwd: options.cwd })
    const output: { stdout: Buffer[]; stderr: Buffer[] } = { stdout: [], stderr: [] }
    const sizes = { stdout: 0, stderr: 0 }
    let failure: FlotillaError | undefined
    const end = (error: FlotillaError) => {
      failure ??= error
      child.kill('SIGKILL')
    }
    const onAbort = () => end(new FlotillaError('CANCELLED', 'The call was cancelled.'))
    const timer = setTimeout(
      () => end(new FlotillaError('TIMEOUT', `${argv[0]} did not end within ${timeoutMs} ms.`)),
      timeoutMs,
    )
    signal?.addEventListener('abort', onAbort, { once: true })
    for (const name of ['stdout', 'stderr'] as const) {
      child[name]?.on('data', (chunk: Buffer) => {
        sizes[name] += chunk.length
        if (sizes[name] > maxOutputBytes) {
          end(new FlotillaError('RESOURCE_EXHAUSTED', `${argv[0]} printed more than ${maxOutputBytes} bytes.`))
        } else output[name].push(chunk)
      })
    }
    child.stdin?.on('error', () => {}) // the program may end without reading its input; its exit code tells
    child.stdin?.end(options.stdin)
    const settle = (then: () => void) => {
      clearTimeout(timer)
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
    throw new FlotillaError('INTERNAL', `${argv[0]} failed with exit code ${result.exitCode}.`, {
      detail: `${argv.join(' ')}\n${result.stderr.slice(0, 4000)}`,
    })
  }
  return result
}

function startError(argv: readonly string[], error: NodeJS.ErrnoException): FlotillaError {
  return error.code === 'ENOENT'
    ? new FlotillaError('NOT_FOUND', `The program ${argv[0]} is not installed on this host.`, { cause: error })
    : new FlotillaError('INTERNAL', `The program ${argv[0]} could not be started.`, {
        detail: error.message,
        cause: error,
      })
}
