import { type ErrorField, type ErrorKind, FlotillaError, fail } from '@flotilla/protocol'
import { z } from 'zod'
import { namingError, withoutNames } from './named-objects.ts'

const HttpFailure = z.object({
  statusCode: z.number(),
  json: z.union([z.object({ message: z.string() }), z.unknown()]).optional(),
  message: z.string().default(''),
})
const SocketFailure = z.object({ code: z.string(), message: z.string().default('') })

/** What the daemon's own words mean where its status alone says too little. First match wins. */
/** What the daemon's words tell more than its status does, and the field of a create that they are about. */
const phrases = [
  { words: /address already in use|port is already allocated/i, kind: 'docker.portTaken', field: ['ports'] },
  {
    words: /bind source path does not exist|invalid mount config/i,
    kind: 'docker.noMountSource',
    field: ['mounts'],
  },
  { words: /storage-opt (is |are )?(only )?(not )?supported/i, kind: 'docker.noStorageQuota', field: ['storageBytes'] },
  { words: /no space left on device/i, kind: 'docker.diskFull' },
  {
    words: /executable file not found|no such file or directory: unknown/i,
    kind: 'docker.noCommand',
    field: ['command'],
  },
  {
    words: /unable to find (user|group)|no matching entries in (passwd|group) file/i,
    kind: 'docker.noUser',
    field: ['user'],
  },
  { words: /no command specified/i, kind: 'docker.noCommandGiven', field: ['command'] },
  { words: /manifest unknown|manifest for .* not found/i, kind: 'docker.noImage' },
  {
    words: /pull access denied|unauthorized|authentication required|access to the resource is denied/i,
    kind: 'docker.refusedLogin',
  },
  {
    words: /i\/o timeout|connection refused|no such host|TLS handshake|network is unreachable/i,
    kind: 'docker.noRegistry',
  },
] as const satisfies { words: RegExp; kind: ErrorKind; field?: ErrorField }[]

type Refusal = 'invalid' | 'unauthenticated' | 'denied' | 'notFound' | 'conflict' | 'unsupported' | 'unavailable'

const statusKinds: Record<number, `docker.${Refusal}`> = {
  400: 'docker.invalid',
  401: 'docker.unauthenticated',
  403: 'docker.denied',
  404: 'docker.notFound',
  409: 'docker.conflict',
  501: 'docker.unsupported',
  503: 'docker.unavailable',
}

/** The one place where Docker's failures become ours. The daemon's own words are kept in the sentence, shortened and without ids. */
export function dockerError(thrown: unknown): FlotillaError {
  if (thrown instanceof FlotillaError) return thrown
  if (thrown instanceof Error && thrown.name === 'AbortError') {
    if (thrown.cause instanceof FlotillaError) return thrown.cause // the deadline's own word
    if (thrown.cause instanceof Error && thrown.cause.name === 'TimeoutError') {
      return fail('docker.slow', {}, { cause: thrown })
    }
    return fail('call.cancelled', {}, { cause: thrown })
  }
  const http = HttpFailure.safeParse(thrown)
  if (http.success) return fromWords(daemonWords(http.data), statusKinds[http.data.statusCode], thrown)
  const socket = SocketFailure.safeParse(thrown)
  if (socket.success) {
    return fail(
      'docker.silent',
      {},
      {
        detail: `${socket.data.code} ${socket.data.message}`,
        cause: thrown,
      },
    )
  }
  if (thrown instanceof z.ZodError) {
    return fail(
      'docker.notUnderstood',
      {},
      {
        detail: thrown.message,
        cause: thrown,
      },
    )
  }
  return fail('docker.failed', {}, { detail: String(thrown), cause: thrown })
}

/** An error in a progress stream comes as words alone. */
export function dockerWordsError(words: string): FlotillaError {
  return fromWords(words, undefined, undefined)
}

function fromWords(words: string, refusal: `docker.${Refusal}` | undefined, cause: unknown): FlotillaError {
  const naming = namingError(words)
  if (naming !== undefined) return naming
  const known = phrases.find((phrase) => phrase.words.test(words))
  const field = known !== undefined && 'field' in known ? [...known.field] : undefined
  const options = { ...(field === undefined ? {} : { field }), detail: words, cause }
  return fail(known?.kind ?? refusal ?? 'docker.refused', { words: shorten(withoutNames(words)) }, options)
}

function daemonWords(failure: z.infer<typeof HttpFailure>): string {
  const body = z.object({ message: z.string() }).safeParse(failure.json)
  // What came as a stream has its words in the library's own sentence alone.
  return body.success ? body.data.message : failure.message.replace(/^\(HTTP code \d+\) .*? - /, '')
}

function shorten(words: string): string {
  const line = words.trim().replace(/\s+/g, ' ').replace(/\.$/, '')
  return line.length > 300 ? `${line.slice(0, 300)}…` : line
}
