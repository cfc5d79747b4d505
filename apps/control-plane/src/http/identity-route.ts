import type { IncomingMessage, ServerResponse } from 'node:http'
import type { App } from '@flotilla/api'
import { Turns } from '@flotilla/async'
import { type IdentityService, type KnownDevices, SignInLimiter } from '@flotilla/auth'
import { fail } from '@flotilla/protocol'
import { z } from 'zod'
import { largestUnknown, readJson, remoteAddress, sendJson } from './answers.ts'

const SignIn = z.object({ email: z.email().max(254), password: z.string().max(128) })

/** Each costs some tens of MiB and a tenth of a second of a core, in one of the four threads that files are read in as well. */
const mostAtOnce = 2
const mostWaiting = 64
/** Of those who come from a browser in which they signed in before, beside the others. */
const knownAtOnce = 1

const tooMany = () => fail('access.manySignIns')

/** The three routes of better-auth that are mounted, with our own limit and audit before the sign-in. */
export class IdentityRoute {
  readonly #identity: IdentityService
  readonly #app: App
  readonly #limiter = new SignInLimiter()
  readonly #turns = new Turns(mostAtOnce, mostWaiting, tooMany)
  readonly #knownTurns = new Turns(knownAtOnce, mostWaiting, tooMany)
  readonly #devices: KnownDevices
  readonly #isShared: (address: string) => boolean

  /** `isShared`: from which addresses people come who have nothing to do with each other. */
  constructor(identity: IdentityService, app: App, devices: KnownDevices, isShared: (address: string) => boolean) {
    this.#identity = identity
    this.#app = app
    this.#devices = devices
    this.#isShared = isShared
  }

  async signIn(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const body = SignIn.parse(await readJson(request, largestUnknown))
    const address = remoteAddress(request)
    const device = this.#devices.find(request.headers.cookie, body.email)
    const attempt = { address, email: body.email, isShared: this.#isShared(address), device }
    const wait = this.#limiter.begin(attempt)
    if (wait > 0) {
      response.setHeader('retry-after', wait)
      const time = wait > 60 ? `${Math.ceil(wait / 60)} minutes` : `${Math.max(2, wait)} seconds`
      throw fail('access.failedAttempts', { time })
    }
    const turns = device === null ? this.#turns : this.#knownTurns
    const gone = new AbortController()
    response.once('close', () => gone.abort(tooMany()))
    const answer = await turns
      .run(() => this.#ask(request, body), gone.signal)
      .catch((error: unknown) => {
        this.#limiter.withdraw(attempt)
        throw error
      })
    if (answer.ok) this.#limiter.succeeded(attempt)
    await this.#audit(body.email, address, answer.ok)
    if (answer.status === 401 || answer.status === 403) {
      sendJson(response, 401, fail('access.wrongPassword').reported())
    } else await forward(answer, response, answer.ok ? [this.#devices.cookieFor(body.email, device)] : [])
  }

  async signOut(request: IncomingMessage, response: ServerResponse): Promise<void> {
    await forward(await this.#ask(request, {}), response)
    this.#app.accessChanged()
  }

  async session(request: IncomingMessage, response: ServerResponse): Promise<void> {
    await forward(await this.#ask(request, undefined), response)
  }

  #ask(request: IncomingMessage, body: unknown): Promise<Response> {
    const headers = new Headers()
    for (const name of ['cookie', 'origin', 'user-agent'] as const) {
      const value = request.headers[name]
      if (value !== undefined) headers.set(name, value)
    }
    if (body !== undefined) headers.set('content-type', 'application/json')
    const path = new URL(request.url ?? '/', 'http://localhost').pathname
    const url = new URL(path, this.#app.publicUrl)
    return this.#identity.handle(
      new Request(url, {
        method: request.method ?? 'GET',
        headers,
        ...(body === undefined ? {} : { body: JSON.stringify(body) }),
      }),
    )
  }

  async #audit(email: string, remote: string, succeeded: boolean): Promise<void> {
    const scope = { organisationId: this.#app.index.organisationId }
    const member = await this.#app.db.access.findMember(scope, { email })
    const { db, refusals } = this.#app
    const append = succeeded ? db.audit.append.bind(db.audit) : refusals.add.bind(refusals)
    await append(scope, {
      actorId: succeeded ? (member?.userId ?? null) : null,
      actorName: succeeded ? (member?.name ?? email) : 'nobody',
      action: 'session.sign-in',
      target: email,
      hostId: null,
      outcome: succeeded ? 'succeeded' : 'refused',
      code: succeeded ? null : 'UNAUTHENTICATED',
      remoteAddress: remote,
      operationId: null,
    })
  }
}

async function forward(answer: Response, response: ServerResponse, more: readonly string[] = []): Promise<void> {
  const cookies = [...answer.headers.getSetCookie(), ...more]
  if (cookies.length > 0) response.setHeader('set-cookie', cookies)
  const text = await answer.text()
  response.setHeader('cache-control', 'no-store')
  response.setHeader('content-type', 'application/json; charset=utf-8')
  response.writeHead(answer.status)
  response.end(text)
}
