import { fail } from '@flotilla/protocol'
import { z } from 'zod'
import { parseChallenges } from './challenge.ts'
import { decoded } from './content-encoding.ts'
import { refusedLogin, statusError } from './errors.ts'
import type { Fetcher } from './fetcher.ts'
import { readBounded } from './read-bounded.ts'

export interface Credentials {
  username: string
  password: string
}

/** What cannot be a header counts as not there: some send one of the two empty, or as null, beside the other. */
const token = z
  .string()
  .max(65536)
  .regex(/^[\x21-\x7e]+$/)
  .optional()
  .catch(undefined)

/** The same under two names: distribution-spec, "Token Authentication", for clients of OAuth 2.0 as well. */
const TokenAnswer = z.object({ token, access_token: token })

/** The login of one registry session, in memory only. */
export interface Authorizer {
  /** The header for the registry itself; undefined before a challenge. Never send it to another host. */
  header(): string | undefined
  /** Answers a 401: a token or basic. Throws UNAUTHENTICATED where nothing more can be tried. */
  answer(challenge: string, usedHeader: string | undefined, signal: AbortSignal): Promise<void>
  /** The registry took a request with this header. */
  accepted(usedHeader: string | undefined): void
  readonly loggedIn: boolean
}

/**
 * Anonymous, basic, and bearer tokens (distribution-spec, "Token Authentication"). Requests that meet a 401 at the same time
 * share one token.
 */
export function createAuthorizer(
  fetcher: Fetcher,
  host: string,
  credentials: Credentials | undefined,
  defaultScope: string,
): Authorizer {
  let current: string | undefined
  let pending: Promise<string> | undefined
  /** Challenges since a header of ours was last accepted: tokens expire as often as they like, refusals have an end. */
  let answers = 0
  const basic =
    credentials === undefined
      ? undefined
      : `Basic ${Buffer.from(`${credentials.username}:${credentials.password}`).toString('base64')}`

  async function obtain(challenge: string, used: string | undefined, signal: AbortSignal): Promise<string> {
    const offered = parseChallenges(challenge)
    const bearer = offered.find(({ scheme }) => scheme === 'bearer')
    if (bearer !== undefined) return `Bearer ${await fetchToken(bearer.parameters, signal)}`
    if (!offered.some(({ scheme }) => scheme === 'basic') || basic === undefined || used === basic) {
      throw refusedLogin(host, credentials !== undefined)
    }
    return basic
  }

  async function fetchToken(parameters: Record<string, string>, signal: AbortSignal): Promise<string> {
    const url = realmUrl(parameters.realm ?? '', host)
    if (parameters.service !== undefined) url.searchParams.set('service', parameters.service)
    url.searchParams.set('scope', parameters.scope ?? defaultScope)
    if (credentials !== undefined) url.searchParams.set('account', credentials.username)
    const headers: Record<string, string> = { accept: 'application/json' }
    if (basic !== undefined) headers.authorization = basic
    const response = await fetcher.fetch({ url, method: 'GET', headers, signal })
    if (response.status !== 200) {
      response.discard()
      // a realm answers 400 to a wrong password too
      if (response.status >= 400 && response.status < 500 && response.status !== 429) {
        throw refusedLogin(host, credentials !== undefined)
      }
      throw statusError(response, url.host, 'a token', credentials !== undefined)
    }
    const answer = TokenAnswer.safeParse(jsonOrNothing(await readBounded(decoded(response, url.host), 256 * 1024)))
    const value = answer.success ? (answer.data.token ?? answer.data.access_token) : undefined
    if (value === undefined) throw fail('registry.noToken', { host })
    return value
  }

  return {
    loggedIn: credentials !== undefined,
    header: () => current,
    accepted(usedHeader) {
      if (usedHeader !== undefined && usedHeader === current) answers = 0
    },
    async answer(challenge, usedHeader, signal) {
      if (usedHeader !== current) return // another request has a newer one already
      if (pending === undefined) {
        answers += 1
        if (answers > 5) throw refusedLogin(host, credentials !== undefined)
        pending = obtain(challenge, usedHeader, signal).finally(() => {
          pending = undefined
        })
      }
      current = await pending
    },
  }
}

function realmUrl(realm: string, host: string): URL {
  if (!URL.canParse(realm) || realm.length > 2000) {
    throw fail('registry.noLoginService', { host })
  }
  const url = new URL(realm)
  url.username = ''
  url.password = ''
  return url
}

function jsonOrNothing(data: Buffer): unknown {
  try {
    return JSON.parse(data.toString('utf8'))
  } catch {
    return undefined // reported by the caller as no token
  }
}
