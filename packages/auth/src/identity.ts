import { type Database, endAfter, isValid } from '@flotilla/db'
import { FlotillaError, fail } from '@flotilla/protocol'
import { betterAuth } from 'better-auth'
import { prismaAdapter } from 'better-auth/adapters/prisma'
import { hashPassword } from 'better-auth/crypto'

export interface IdentityOptions {
  db: Database
  /** Signs the cookies; 32 random bytes or more. */
  secret: string
  /** Six hex digits: two instances on one host name have cookies of their own. */
  instance: string
  publicUrl: string
  /** The origins whose pages may ask; the public one among them. */
  origins: readonly string[]
}

/** The only routes of better-auth that are mounted. */
export const identityRoutes = [
  { method: 'POST', path: '/api/auth/sign-in/email' },
  { method: 'POST', path: '/api/auth/sign-out' },
  { method: 'GET', path: '/api/auth/get-session' },
] as const

/** Who somebody is, and nothing else: better-auth with e-mail and password, sign-up closed. */
export interface IdentityService {
  /** Answers one of `identityRoutes`. */
  handle(request: Request): Promise<Response>
  /** The person of a cookie header and when they gave their password, asked of the database; null where the session is not there or over. */
  personOf(cookie: string): Promise<{ userId: string; signedInAt: Date } | null>
}

const sessionSeconds = 7 * 24 * 60 * 60

export function createIdentityService(options: IdentityOptions): IdentityService {
  const { db, secret, instance, publicUrl, origins } = options
  const origin = new URL(publicUrl).origin
  const auth = betterAuth({
    baseURL: origin,
    basePath: '/api/auth',
    secret,
    database: prismaAdapter(db.prisma, { provider: 'postgresql' }),
    emailAndPassword: { enabled: true, disableSignUp: true, minPasswordLength: 10, maxPasswordLength: 128 },
    // No cookie cache: a revoked session must end at once. The caller remembers answers for a second; see ADR 10.
    session: { expiresIn: sessionSeconds, updateAge: 24 * 60 * 60, cookieCache: { enabled: false } },
    trustedOrigins: [...origins],
    databaseHooks: {
      // Ends are made by the same clock that they are checked with.
      session: { create: { before: withEnd }, update: { before: withEnd } },
    },
    // Ours counts by address and by e-mail, and works without trusting a proxy's header.
    rateLimit: { enabled: false },
    // What is no answer of its own, a lost database say, is told by whoever asked.
    onAPIError: { throw: true },
    telemetry: { enabled: false },
    logger: { disabled: true },
    advanced: {
      cookiePrefix: `flotilla-${instance}`,
      useSecureCookies: origin.startsWith('https:'),
      defaultCookieAttributes: { httpOnly: true, sameSite: 'lax', path: '/' },
    },
  })
  const personOf = async (cookie: string) => {
    const found = await auth.api
      .getSession({ headers: new Headers({ cookie }), query: { disableRefresh: true } })
      .catch((error: unknown) => {
        throw failureOf(error)
      })
    if (found === null || !isValid(found.session)) return null
    // It begins with its sign-in and is never put off; what is put off is its end.
    return { userId: found.user.id, signedInAt: found.session.createdAt }
  }
  return {
    personOf,
    async handle(request) {
      const isQuestion = new URL(request.url).pathname.endsWith('/get-session')
      // Better-auth would lengthen a session again that had ended before the clock was set back.
      if (isQuestion && (await personOf(request.headers.get('cookie') ?? '')) === null) return Response.json(null)
      const response = await auth.handler(request)
      if (response.status >= 500) throw failureOf(response)
      return response
    },
  }
}

/** Better-auth answers with a failure of its own where the database has one; nothing else can fail there. */
function failureOf(cause: unknown): unknown {
  return cause instanceof FlotillaError ? cause : fail('database.lost', {}, { cause })
}

/** Better-auth writes an end at sign-in, and a later one while the session is used. */
function withEnd<Session extends { expiresAt?: unknown }>(session: Session): Promise<{ data: Session }> {
  const renewed = session.expiresAt === undefined ? {} : { expiresAt: endAfter(sessionSeconds * 1000) }
  return Promise.resolve({ data: { ...session, ...renewed } })
}

export { hashPassword }
