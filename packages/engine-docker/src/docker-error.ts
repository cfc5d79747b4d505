import { type ErrorCode, FlotillaError } from '@flotilla/protocol'
import { z } from 'zod'

const HttpFailure = z.object({
  statusCode: z.number(),
  json: z.union([z.object({ message: z.string() }), z.unknown()]).optional(),
  message: z.string().default(''),
})
const SocketFailure = z.object({ code: z.string(), message: z.string().default('') })

/** What the daemon's own words mean where its status alone says too little. First match wins. */
const phrases: { words: RegExp; code: ErrorCode; advice: string }[] = [
  {
    words: /address already in use|port is already allocated/i,
    code: 'CONFLICT',
    advice: 'A published port is already taken on the host. Choose another one or stop what holds it.',
  },
  { words: /no space left on device/i, code: 'RESOURCE_EXHAUSTED', advice: 'The host has no disk space left.' },
  {
    words: /executable file not found|no such file or directory: unknown/i,
    code: 'INVALID_ARGUMENT',
    advice: 'The command is not in the image. Check its spelling or give another one.',
  },
  {
    words: /unable to find (user|group)|no matching entries in (passwd|group) file/i,
    code: 'INVALID_ARGUMENT',
    advice: 'The image does not know that user or group. Give one of its own, or a number.',
  },
  {
    words: /no command specified/i,
    code: 'INVALID_ARGUMENT',
    advice: 'The image has no command of its own. Give one.',
  },
  {
    words: /manifest unknown|manifest for .* not found/i,
    code: 'NOT_FOUND',
    advice: 'The registry has no such image or tag. Check the reference.',
  },
  {
    words: /pull access denied|unauthorized|authentication required|access to the resource is denied/i,
    code: 'UNAUTHENTICATED',
    advice: 'The registry refused the login, or the image does not exist. Check the credentials and the reference.',
  },
  {
    words: /i\/o timeout|connection refused|no such host|TLS handshake|network is unreachable/i,
    code: 'UNAVAILABLE',
    advice: 'The registry could not be reached. Check its name and the network, then try again.',
  },
]

const statusCodes: Record<number, ErrorCode> = {
  400: 'INVALID_ARGUMENT',
  401: 'UNAUTHENTICATED',
  403: 'PERMISSION_DENIED',
  404: 'NOT_FOUND',
  409: 'CONFLICT',
  501: 'UNSUPPORTED',
  503: 'UNAVAILABLE',
}

/** The one place where Docker's failures become ours. The daemon's own words are kept, shortened, in the sentence. */
export function dockerError(thrown: unknown): FlotillaError {
  if (thrown instanceof FlotillaError) return thrown
  if (thrown instanceof Error && thrown.name === 'AbortError') {
    if (thrown.cause instanceof FlotillaError) return thrown.cause // the deadline's own word
    if (thrown.cause instanceof Error && thrown.cause.name === 'TimeoutError') {
      return new FlotillaError('TIMEOUT', 'The Docker daemon did not answer in time.', { cause: thrown })
    }
    return new FlotillaError('CANCELLED', 'The call was cancelled.', { cause: thrown })
  }
  const http = HttpFailure.safeParse(thrown)
  if (http.success) return fromWords(daemonWords(http.data), statusCodes[http.data.statusCode] ?? 'INTERNAL', thrown)
  const socket = SocketFailure.safeParse(thrown)
  if (socket.success) {
    return new FlotillaError('UNAVAILABLE', 'The Docker daemon does not answer. Check that it runs on this host.', {
      detail: `${socket.data.code} ${socket.data.message}`,
      cause: thrown,
    })
  }
  if (thrown instanceof z.ZodError) {
    return new FlotillaError('INTERNAL', 'The Docker daemon gave an answer that Flotilla does not understand.', {
      detail: thrown.message,
      cause: thrown,
    })
  }
  return new FlotillaError('INTERNAL', 'The Docker daemon failed.', { detail: String(thrown), cause: thrown })
}

/** An error in a progress stream comes as words alone. */
export function dockerWordsError(words: string): FlotillaError {
  return fromWords(words, 'INTERNAL', undefined)
}

function fromWords(words: string, code: ErrorCode, cause: unknown): FlotillaError {
  const known = phrases.find((phrase) => phrase.words.test(words))
  if (known !== undefined) {
    return new FlotillaError(known.code, `${known.advice} (Docker: ${shorten(words)})`, { detail: words, cause })
  }
  return new FlotillaError(code, `Docker refused: ${shorten(words)}.`, { detail: words, cause })
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
