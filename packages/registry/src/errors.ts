import { FlotillaError, fail } from '@flotilla/protocol'
import { AskedToWait, retryAfterMs } from './retry-after.ts'

/** The one place where failures of the network become ours. */
export function networkError(error: unknown, url: URL, signal: AbortSignal): FlotillaError {
  if (error instanceof FlotillaError) return error
  if (signal.aborted) return cancelled(error)
  const { code = '', message = '' } = error as NodeJS.ErrnoException
  const detail = `${code} ${message}`.slice(0, 500)
  const kind = kinds.find(([codes]) => codes.test(code))?.[1] ?? 'registry.connectionFailed'
  return fail(kind, { host: url.host }, { detail, cause: error })
}

const kinds = [
  [/^ENOTFOUND$/, 'registry.unknownName'],
  [/^EAI_AGAIN$/, 'registry.unresolved'],
  [/^ECONNREFUSED$/, 'registry.nothingAnswers'],
  [/CERT|SIGNATURE|SELF_SIGNED|ALTNAME/, 'registry.badCertificate'],
] as const

export function cancelled(cause?: unknown): FlotillaError {
  return fail('image.pullCancelled', {}, { cause })
}

export function stalled(url: URL, what: 'connect' | 'answer' | 'body' | 'rate'): FlotillaError {
  const kind = (
    {
      connect: 'registry.noConnection',
      answer: 'registry.noAnswer',
      body: 'registry.stoppedSending',
      rate: 'registry.sendsSlowly',
    } as const
  )[what]
  return fail(kind, { host: url.host })
}

/** Bytes that are not what their digest promised. UNAVAILABLE: nothing here is wrong, and another try may get the right ones. */
export function lied(host: string, what: string): FlotillaError {
  return fail('registry.sentWrong', { host, what })
}

/** What the status of an answer means for the person. `what` is the thing that was asked for. */
export function statusError(
  { status, headers }: { status: number; headers: Record<string, string> },
  host: string,
  what: string,
  loggedIn: boolean,
): FlotillaError {
  const detail = `HTTP ${status} from ${host} for ${what}`
  const waitMs = retryAfterMs(headers)
  const cause = waitMs === undefined ? undefined : new AskedToWait(waitMs)
  if (status === 401) return refusedLogin(host, loggedIn)
  if (status === 403) {
    return fail(
      'registry.denied',
      { host, what },
      {
        detail,
      },
    )
  }
  if (status === 404) {
    return fail('registry.hasNo', { host, what }, { detail })
  }
  if (status === 429) {
    return fail('registry.limited', { host }, { detail, cause })
  }
  return fail('registry.answered', { host, status }, { detail, cause })
}

export function refusedLogin(host: string, loggedIn: boolean): FlotillaError {
  return fail(loggedIn ? 'registry.refusedLogin' : 'registry.wantsLogin', { host })
}
