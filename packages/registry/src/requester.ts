import { setTimeout as sleep } from 'node:timers/promises'
import { FlotillaError, fail } from '@flotilla/protocol'
import type { Authorizer } from './authorizer.ts'
import { cancelled, networkError, statusError } from './errors.ts'
import { AskedToWait } from './retry-after.ts'
import type { Fetcher, FetchRequest, FetchResponse } from './fetcher.ts'

const maxRedirects = 5

export interface RetryOptions {
  /** Tries after the first. 3 unless told otherwise; a registry that times out gets one. */
  retries?: number
  /** The first wait; each further one is twice as long. 500 unless told otherwise. */
  retryDelayMs?: number
  /** The longest wait that a registry may ask for; one that asks for more is not asked again. 60,000 unless told otherwise. */
  mostWaitMs?: number
}

export interface RegistryRequest {
  /** From `/v2/` on, or a whole URL that the registry gave. */
  path: string
  method?: FetchRequest['method']
  headers?: Record<string, string>
  body?: () => AsyncIterable<Uint8Array> | Uint8Array
  /** For the sentence of an error: "tag 1.27 of nginx". */
  what: string
  /** Statuses that are an answer; others throw. */
  accept: readonly number[]
  signal: AbortSignal
}

/** Requests to one registry: scheme, login, redirects, retries. */
export class Requester {
  readonly host: string
  readonly #fetcher: Fetcher
  readonly #auth: Authorizer
  readonly #retry: Required<RetryOptions>
  #base: Promise<URL> | undefined

  constructor(fetcher: Fetcher, host: string, auth: Authorizer, retry: RetryOptions = {}) {
    this.#fetcher = fetcher
    this.host = host
    this.#auth = auth
    const { retries = 3, retryDelayMs = 500, mostWaitMs = 60_000 } = retry
    this.#retry = { retries, retryDelayMs, mostWaitMs }
  }

  /** Within which a body has to bring 16 KiB, or its end. */
  get stallTimeoutMs(): number {
    return this.#fetcher.stallTimeoutMs
  }

  /** Answers with an accepted status, or throws what the failure means. */
  send(request: RegistryRequest): Promise<FetchResponse> {
    return this.retrying(request.signal, () => this.sendOnce(request))
  }

  /**
   * Runs something again while it fails in a way that may pass. Who has several runs for one thing gives their `failures`, and sets
   * their number back to 0 where it got on.
   */
  async retrying<T>(signal: AbortSignal, run: () => Promise<T>, failures = { count: 0 }): Promise<T> {
    for (;;) {
      try {
        return await run()
      } catch (error) {
        const failure = signal.aborted ? cancelled(error) : error
        failures.count += 1
        const tries = failures.count
        if (!(failure instanceof FlotillaError) || tries > this.#allowed(failure)) throw failure
        await sleep(this.#waitMs(failure, tries), undefined, { signal }).catch((aborted: unknown) => {
          throw cancelled(aborted)
        })
      }
    }
  }

  /** Twice as long each time, and no shorter than the registry asks for. Throws RESOURCE_EXHAUSTED where it asks for too long. */
  #waitMs(failure: FlotillaError, tries: number): number {
    const asked = failure.cause instanceof AskedToWait ? failure.cause.waitMs : 0
    if (asked > this.#retry.mostWaitMs) {
      throw fail(
        'registry.asksToWait',
        { host: this.host, seconds: Math.ceil(asked / 1000) },
        { detail: failure.detail, cause: failure },
      )
    }
    return Math.max(asked, this.#retry.retryDelayMs * 2 ** (tries - 1))
  }

  #allowed(failure: FlotillaError): number {
    if (failure.code === 'TIMEOUT') return Math.min(1, this.#retry.retries)
    return failure.code === 'UNAVAILABLE' || failure.code === 'RESOURCE_EXHAUSTED' ? this.#retry.retries : 0
  }

  /** Like `send`, without trying again. */
  async sendOnce(request: RegistryRequest): Promise<FetchResponse> {
    const base = await this.#baseUrl(request.signal)
    for (let attempt = 0; ; attempt += 1) {
      const used = this.#auth.header()
      const response = await this.#follow(new URL(request.path, base.href), base, request, used)
      if (request.accept.includes(response.status)) {
        this.#auth.accepted(used)
        return response
      }
      response.discard()
      const challenge = response.headers['www-authenticate']
      if (response.status !== 401 || challenge === undefined || attempt >= 2) {
        throw statusError(response, this.host, request.what, this.#auth.loggedIn)
      }
      await this.#auth.answer(challenge, used, request.signal)
    }
  }

  /** The login goes to the registry's own origin alone, never along a redirect to another. */
  async #follow(start: URL, base: URL, request: RegistryRequest, login: string | undefined): Promise<FetchResponse> {
    let url = start
    for (let hop = 0; hop <= maxRedirects; hop += 1) {
      const own = url.origin === base.origin
      const response = await this.#fetcher.fetch({
        url,
        method: request.method ?? 'GET',
        headers: { ...request.headers, ...(own && login !== undefined ? { authorization: login } : {}) },
        body: request.body?.(),
        signal: request.signal,
      })
      const location = response.headers.location
      if (![301, 302, 303, 307, 308].includes(response.status) || location === undefined) return response
      response.discard()
      if (!URL.canParse(location, url.href)) break
      url = new URL(location, url.href)
    }
    throw fail('registry.redirects', { host: this.host })
  }

  /** HTTPS; where the rules allow plain HTTP, that is used if HTTPS does not answer. */
  #baseUrl(signal: AbortSignal): Promise<URL> {
    this.#base ??= this.#findBase(signal).catch((error: unknown) => {
      this.#base = undefined
      throw error
    })
    return this.#base
  }

  async #findBase(signal: AbortSignal): Promise<URL> {
    if (!URL.canParse(`https://${this.host}/`)) {
      throw fail('registry.badAddress', { host: JSON.stringify(this.host) })
    }
    const secure = new URL(`https://${this.host}/`)
    const plain = new URL(`http://${this.host}/`)
    if (!this.#fetcher.allowsHttp(plain)) return secure
    try {
      const response = await this.#fetcher.fetch({ url: new URL('/v2/', secure), method: 'GET', headers: {}, signal })
      response.discard()
      return secure
    } catch (error) {
      if (signal.aborted) throw networkError(error, secure, signal)
      return plain // what is wrong with it, the first request over plain HTTP will say
    }
  }
}
