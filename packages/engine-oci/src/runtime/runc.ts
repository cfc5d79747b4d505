import { run } from '@flotilla/host'
import { type FlotillaError, fail } from '@flotilla/protocol'
import { z } from 'zod'

const RuncState = z.object({
  id: z.string(),
  pid: z.number().int(),
  status: z.enum(['creating', 'created', 'running', 'pausing', 'paused', 'stopped']),
})
export type RuncState = z.infer<typeof RuncState>

/** The OCI runtime's commands (runtime-spec "Operations"), each one short process. */
export interface Runc {
  readonly path: string
  readonly root: string
  start(id: string, signal?: AbortSignal): Promise<void>
  pause(id: string): Promise<void>
  resume(id: string): Promise<void>
  /** What the runtime knows of it; undefined where it knows nothing. */
  state(id: string): Promise<RuncState | undefined>
  /** Kills what is left in its cgroup and forgets it. Idempotent. */
  delete(id: string): Promise<void>
  /** Ids of all it knows under this root. */
  list(): Promise<string[]>
}

export function createRunc(path: string, root: string): Runc {
  const call = (args: string[], about?: string, signal?: AbortSignal) =>
    run([path, '--root', root, '--log-format', 'json', ...args], {
      timeoutMs: 60_000,
      ...(about === undefined ? {} : { about }),
      ...(signal === undefined ? {} : { signal }),
    })
  const ok = async (verb: string, id: string, signal?: AbortSignal) => {
    const result = await call([verb, id], id, signal)
    if (result.exitCode !== 0) throw runtimeError(result.stderr)
  }
  return {
    path,
    root,
    start: (id, signal) => ok('start', id, signal),
    pause: (id) => ok('pause', id),
    resume: (id) => ok('resume', id),
    async state(id) {
      const result = await call(['state', id], id)
      if (result.exitCode === 0) return RuncState.parse(JSON.parse(result.stdout.toString()))
      if (isAbsent(result.stderr)) return undefined
      throw runtimeError(result.stderr)
    },
    async delete(id) {
      const result = await call(['delete', '--force', id], id)
      if (result.exitCode !== 0 && !isAbsent(result.stderr)) throw runtimeError(result.stderr)
    },
    async list() {
      const result = await call(['list', '--quiet'])
      if (result.exitCode !== 0) {
        if (/no such file or directory/.test(result.stderr)) return [] // nothing was ever created under this root
        throw runtimeError(result.stderr)
      }
      return result.stdout.toString().split('\n').filter(Boolean)
    },
  }
}

/** Not "unable to start container process: … not found", which is about what was to be run in it. */
const isEnded =
  /container (\S+ )?(does not exist|(is )?not (running|found))|a (stopped container|container that has .*stopped)/i

const isAbsent = (text: string) => /container.* does not exist|no such file or directory/i.test(text)

/** The last message of the runtime's own log, freed of its JSON. */
export function runtimeMessage(text: string): string {
  const messages = text
    .split('\n')
    .filter((line) => line.trim() !== '')
    .map((line) => {
      try {
        const parsed = z.object({ msg: z.string() }).safeParse(JSON.parse(line))
        return parsed.success ? parsed.data.msg : line
      } catch {
        return line // not JSON: the program's own words
      }
    })
  return (messages.at(-1) ?? '').replace(/^runc \w+ failed: /, '').slice(0, 2000)
}

/** The one place where the runtime's words become our errors. */
export function runtimeError(text: string): FlotillaError {
  const message = runtimeMessage(text)
  const missing = /exec: "?([^":]*)"?: (stat .*: )?(executable file not found|no such file or directory)/.exec(message)
  if (missing !== null) {
    return fail('container.noProgram', { program: JSON.stringify(missing[1]) }, { field: ['command'], detail: message })
  }
  if (/exec: "?[^":]+"?: (permission denied|is a directory|exec format error)|exec format error/.test(message)) {
    return fail('container.notExecutable', {}, { field: ['command'], detail: message })
  }
  // The only folder that the runtime makes outside of its mounts is the working directory.
  if (
    /chdir to cwd|container init: mkdir |mkdir .*cwd|cwd .*(no such|not a directory|permission denied)/i.test(message)
  ) {
    return fail('container.workingDirUnentered', {}, { field: ['workingDir'], detail: message })
  }
  if (/memory.*(too low|minimum|device or resource busy)|set memory limit/i.test(message)) {
    return fail('container.kernelMemory', {}, { field: ['memoryBytes'], detail: message })
  }
  if (/no space left on device/i.test(message)) {
    return fail('runtime.diskFull', {}, { detail: message })
  }
  if (isEnded.test(message)) {
    return fail('container.stopped', {}, { detail: message })
  }
  return fail(
    'runtime.failed',
    { message: message === '' ? 'it said nothing' : message },
    {
      detail: text.slice(0, 4000),
    },
  )
}
