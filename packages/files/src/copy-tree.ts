import { once } from 'node:events'
import { pipeline } from 'node:stream/promises'
import { isDiskFull, spawn } from '@flotilla/host'
import { type FlotillaError, fail } from '@flotilla/protocol'

/** Owners as numbers, access lists, attributes, hard links, holes. tar opens no symbolic link, pipe or device on its way. */
const attributes = ['--acls', '--xattrs', '--xattrs-include=*', '--numeric-owner']
const pack = ['tar', '--create', '--format=posix', '--sparse', ...attributes]
const unpack = [
  'tar',
  '--extract',
  '--preserve-permissions',
  '--same-owner',
  '--delay-directory-restore',
  ...attributes,
]
/** What tar answers where a file changed under it: the copy has one of its states. */
const changedUnderway = 1

/**
 * Copies all that is in a folder, and the folder's own owner and mode, into one that is empty and that nobody else sees yet.
 * Throws RESOURCE_EXHAUSTED where there is no room, CANCELLED; what was copied until then is the caller's to remove.
 */
export function copyTree(source: string, target: string, signal: AbortSignal): Promise<void> {
  return copy(source, target, signal, [])
}

/** Gives a folder the owner, mode, times and attributes of another, and nothing of what is in it. Throws as `copyTree`. */
export function copyAttributes(source: string, target: string, signal: AbortSignal): Promise<void> {
  return copy(source, target, signal, ['--no-recursion'])
}

async function copy(source: string, target: string, signal: AbortSignal, options: readonly string[]): Promise<void> {
  signal.throwIfAborted()
  const from = start([...pack, ...options, '-C', source, '-f', '-', '.'], ['ignore', 'pipe', 'pipe'])
  const to = start([...unpack, '-C', target, '-f', '-'], ['pipe', 'ignore', 'pipe'])
  const stop = () => [from, to].forEach(({ child }) => child.kill('SIGKILL'))
  signal.addEventListener('abort', stop, { once: true })
  try {
    const { stdout } = from.child
    const { stdin } = to.child
    if (stdout === null || stdin === null) throw fail('host.noPipe')
    const [piped, ...codes] = await Promise.allSettled([pipeline(stdout, stdin), from.ended, to.ended])
    signal.throwIfAborted()
    const [packed, unpacked] = codes.map((result) => (result.status === 'fulfilled' ? result.value : 128))
    if (unpacked === 0 && (packed === 0 || packed === changedUnderway) && piped.status === 'fulfilled') return
    throw copyError(`${from.words()}\n${to.words()}`.trim())
  } finally {
    signal.removeEventListener('abort', stop)
    stop()
  }
}

function start(argv: readonly string[], stdio: ('ignore' | 'pipe')[]) {
  const child = spawn(argv, { stdio })
  let words = ''
  child.stderr?.on('data', (chunk: Buffer) => {
    if (words.length < 4000) words += chunk.toString()
    if (isDiskFull(words)) child.kill('SIGKILL') // it would try each further file
  })
  const ended = once(child, 'close').then(([code]) => (typeof code === 'number' ? code : 128))
  ended.catch(() => {}) // awaited by the caller, who may be late
  return { child, ended, words: () => words }
}

function copyError(words: string): FlotillaError {
  return isDiskFull(words)
    ? fail('volume.copyTooLarge')
    : fail(
        'volume.copyFailed',
        {},
        {
          detail: words.slice(0, 2000),
        },
      )
}
