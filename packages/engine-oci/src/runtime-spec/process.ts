import { type ContainerSpec, fail } from '@flotilla/protocol'
import {
  findSignal,
  processCapabilities,
  type ResolvedUser,
  type RuntimeProcess,
  type RuntimeRlimit,
} from '@flotilla/oci'

/** The `config` of an OCI image (image-spec config.md) as far as a process needs it. */
export interface ImageProcessConfig {
  Entrypoint?: string[] | null
  Cmd?: string[] | null
  Env?: string[] | null
  User?: string | null
  WorkingDir?: string | null
  StopSignal?: string | null
}

/** One word of the command line and where it came from. */
export interface ProcessWord {
  word: string
  source: 'image-entrypoint' | 'image-command' | 'override-entrypoint' | 'override-command'
}

/** What will really run, before anything is made: shown to the person, then put into the runtime spec. */
export interface ResolvedProcess {
  words: ProcessWord[]
  args: string[]
  /** The words before the command, for `inspect`. */
  entrypoint: string[]
  command: string[]
  env: string[]
  workingDir: string
  /** As asked for, not looked up yet. */
  user: string
  stopSignal: string
}

/** Most bytes of arguments and environment together: the kernel refuses an exec above a quarter of the stack limit. */
const maxExecBytes = 2 * 1024 * 1024 - 64 * 1024
const defaultPath = '/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin'

/**
 * Merges an image's config with what was asked, by Docker's rules: a given command replaces CMD; a given entrypoint
 * replaces ENTRYPOINT and then CMD is not used either. Throws INVALID_ARGUMENT where nothing is left to run.
 */
export function resolveProcess(
  image: ImageProcessConfig,
  spec: Pick<ContainerSpec, 'command' | 'entrypoint' | 'env' | 'user' | 'workingDir' | 'stopSignal' | 'image'>,
): ResolvedProcess {
  const entrypoint = spec.entrypoint ?? image.Entrypoint ?? []
  const command = spec.command ?? (spec.entrypoint === undefined ? (image.Cmd ?? []) : [])
  const words: ProcessWord[] = [
    ...entrypoint.map(
      (word) => ({ word, source: spec.entrypoint ? 'override-entrypoint' : 'image-entrypoint' }) as const,
    ),
    ...command.map((word) => ({ word, source: spec.command ? 'override-command' : 'image-command' }) as const),
  ]
  const args = words.map(({ word }) => word)
  if (args.length === 0) {
    throw fail('container.noCommand', { image: spec.image }, { field: ['command'] })
  }
  if (args[0] === '') {
    throw fail('container.emptyCommand', {}, { field: ['command'] })
  }
  if (args.some((word) => word.includes('\0'))) {
    throw fail('image.nulInCommand', {}, { field: ['image'] })
  }
  const workingDir = spec.workingDir ?? (image.WorkingDir || '/')
  if (!workingDir.startsWith('/') || workingDir.includes('\0') || workingDir.length > 4000) {
    throw fail('image.badWorkingDir', {}, { field: ['workingDir'] })
  }
  return {
    words,
    args,
    entrypoint,
    command,
    env: mergeEnv(image.Env ?? [], spec.env),
    workingDir,
    user: spec.user ?? image.User ?? '',
    stopSignal: spec.stopSignal ?? usualStopSignal(image.StopSignal),
  }
}

/** An image that names a signal which no kernel knows is stopped like one that names none. */
function usualStopSignal(ofImage: string | null | undefined): string {
  return ofImage && findSignal(ofImage) !== undefined ? ofImage : 'SIGTERM'
}

/** Later values replace earlier ones in place, so that the image's order stays. */
export function mergeEnv(image: readonly string[], added: Readonly<Record<string, string>>): string[] {
  const merged = new Map<string, string>([['PATH', defaultPath]])
  for (const entry of image) {
    const at = entry.indexOf('=')
    if (at > 0 && !entry.includes('\0')) merged.set(entry.slice(0, at), entry.slice(at + 1))
  }
  for (const [name, value] of Object.entries(added)) merged.set(name, value)
  return [...merged].map(([name, value]) => `${name}=${value}`)
}

/**
 * The runtime-spec's process. HOSTNAME, HOME and with a terminal TERM are added where neither image nor person set them.
 * Throws INVALID_ARGUMENT where arguments and environment are more than the kernel takes.
 */
export function buildProcess(input: {
  args: readonly string[]
  env: readonly string[]
  cwd: string
  tty: boolean
  user: ResolvedUser
  hostname: string
  granted: readonly string[]
  capAdd: readonly string[]
  rlimits: RuntimeRlimit[]
  consoleSize?: { height: number; width: number }
}): RuntimeProcess {
  const names = new Set(input.env.map((entry) => entry.slice(0, entry.indexOf('='))))
  const own: [string, string][] = [['HOSTNAME', input.hostname]]
  if (input.tty) own.push(['TERM', 'xterm'])
  own.push(['HOME', input.user.home])
  const env = [...input.env, ...own.filter(([name]) => !names.has(name)).map(([name, value]) => `${name}=${value}`)]
  const bytes = [...input.args, ...env].reduce((sum, text) => sum + Buffer.byteLength(text) + 9, 0)
  if (bytes > maxExecBytes) {
    throw fail('container.commandTooLong', { bytes, most: maxExecBytes }, { field: ['command'] })
  }
  return {
    terminal: input.tty,
    ...(input.consoleSize === undefined ? {} : { consoleSize: input.consoleSize }),
    user: { uid: input.user.uid, gid: input.user.gid, additionalGids: input.user.additionalGids },
    args: [...input.args],
    env,
    cwd: input.cwd,
    capabilities: processCapabilities(input.granted, { uid: input.user.uid, capAdd: input.capAdd }),
    rlimits: input.rlimits,
    // Docker's default: an image's own setuid programs (su, sudo, ping) work. The bounding set and seccomp still hold.
    noNewPrivileges: false,
    oomScoreAdj: 0,
  }
}
