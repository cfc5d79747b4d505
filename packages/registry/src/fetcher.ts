import { lookup as resolveName } from 'node:dns'
import * as http from 'node:http'
import * as https from 'node:https'
import { isIP, type LookupFunction } from 'node:net'
import { type FlotillaError, fail } from '@flotilla/protocol'
import { type AddressOptions, createAddressRules } from './address-rules.ts'
import { networkError, stalled } from './errors.ts'
import { slowestBytes } from './pace.ts'

export interface FetchRequest {
  url: URL
  method: 'GET' | 'HEAD' | 'POST' | 'PUT' | 'PATCH'
  headers: Record<string, string>
  body?: AsyncIterable<Uint8Array> | Uint8Array
  signal: AbortSignal
}

export interface FetchResponse {
  status: number
  /** Names in lower case. */
  headers: Record<string, string>
  /** Read it to its end, or call `discard`. */
  body: AsyncIterable<Uint8Array>
  discard(): void
}

/** HTTP to one registry and wherever it leads. Redirects are not followed here: the caller decides what goes with them. */
export interface Fetcher {
  fetch(request: FetchRequest): Promise<FetchResponse>
  /** Whether plain HTTP may be tried with this URL's host. */
  allowsHttp(url: URL): boolean
  /** Within which a body has to bring 16 KiB, or its end. */
  readonly stallTimeoutMs: number
  /** Closes its connections, each when what it carries has ended: another pull may share it. */
  close(): void
}

/** Makes the fetcher of one registry, as it was named. */
export type FetcherFactory = (registry: string) => Fetcher

export interface FetcherOptions extends AddressOptions {
  /** Until a connection stands. 10,000 unless told otherwise. */
  connectTimeoutMs?: number
  /** Until an answer begins. 30,000 unless told otherwise. */
  answerTimeoutMs?: number
  /** Within which a body has to bring 16 KiB, or its end. 20,000 unless told otherwise. */
  stallTimeoutMs?: number
}

/**
 * The fetcher of the native engine. Every connection, whatever led to it, goes to an address that the rules have seen: names
 * are resolved here and the checked address is what is connected to.
 */
export function createFetcher(registry: string, options: FetcherOptions = {}): Fetcher {
  const rules = createAddressRules(registry, options)
  const { connectTimeoutMs = 10_000, answerTimeoutMs = 30_000, stallTimeoutMs = 20_000 } = options
  const agents = {
    'http:': new http.Agent({ keepAlive: true, maxSockets: 16 }),
    'https:': new https.Agent({ keepAlive: true, maxSockets: 16 }),
  }
  const portOf = (url: URL) => Number(url.port === '' ? (url.protocol === 'http:' ? 80 : 443) : url.port)
  const check = (url: URL): void => {
    if (url.protocol !== 'https:' && !(url.protocol === 'http:' && rules.allowsHttp(url.hostname, portOf(url)))) {
      throw forbidden()
    }
    const literal = url.hostname.replace(/^\[|\]$/g, '')
    if (isIP(literal) !== 0 && !rules.allows(literal, url.hostname, portOf(url))) throw forbidden()
  }
  let active = 0
  let closed = false
  const destroy = () => {
    agents['http:'].destroy()
    agents['https:'].destroy()
  }
  const done = () => {
    active -= 1
    if (closed && active === 0) destroy()
  }
  return {
    stallTimeoutMs,
    allowsHttp: (url) => rules.allowsHttp(url.hostname, portOf(url)),
    close() {
      closed = true
      if (active === 0) destroy()
    },
    async fetch({ url, method, headers, body, signal }) {
      check(url)
      const secure = url.protocol === 'https:'
      const lookup: LookupFunction = (hostname, lookupOptions, callback) => {
        resolveName(hostname, { ...lookupOptions, all: true }, (error, addresses) => {
          const port = portOf(url)
          const first = addresses?.[0]
          if (error !== null) callback(error, '', 0)
          else if (first === undefined || !addresses.every(({ address }) => rules.allows(address, hostname, port))) {
            callback(forbidden() as NodeJS.ErrnoException, '', 0)
          } else if (lookupOptions.all === true) callback(null, addresses)
          else callback(null, first.address, first.family)
        })
      }
      const request = (secure ? https : http).request(url, {
        method,
        headers: { 'user-agent': 'flotilla', 'accept-encoding': 'identity', ...headers },
        agent: secure ? agents['https:'] : agents['http:'],
        lookup,
        signal,
      })
      active += 1
      request.once('close', done)
      const response = await answer(request, url, { connectTimeoutMs, answerTimeoutMs, body, secure, signal })
      return {
        status: response.statusCode ?? 0,
        headers: joinHeaders(response.headers),
        body: watched(response, url, stallTimeoutMs, signal),
        discard: () => response.destroy(),
      }
    },
  }
}

interface AnswerOptions {
  connectTimeoutMs: number
  answerTimeoutMs: number
  body: FetchRequest['body']
  secure: boolean
  signal: AbortSignal
}

function answer(request: http.ClientRequest, url: URL, options: AnswerOptions): Promise<http.IncomingMessage> {
  return new Promise((resolve, reject) => {
    let timer = setTimeout(() => request.destroy(stalled(url, 'connect')), options.connectTimeoutMs)
    const connected = () => {
      clearTimeout(timer)
      timer = setTimeout(() => request.destroy(stalled(url, 'answer')), options.answerTimeoutMs)
    }
    request.once('socket', (socket) => {
      if (!socket.connecting && request.reusedSocket) connected()
      else socket.once(options.secure ? 'secureConnect' : 'connect', connected)
    })
    request.on('error', (error) => {
      clearTimeout(timer)
      reject(networkError(error, url, options.signal))
    })
    request.once('response', (response) => {
      clearTimeout(timer)
      resolve(response)
    })
    if (options.body === undefined) request.end()
    else if (options.body instanceof Uint8Array) request.end(options.body)
    else
      send(request, options.body, () => timer.refresh()).catch((error: unknown) =>
        request.destroy(error instanceof Error ? error : new Error(String(error))),
      )
  })
}

async function send(
  request: http.ClientRequest,
  body: AsyncIterable<Uint8Array>,
  onProgress: () => void,
): Promise<void> {
  for await (const chunk of body) {
    onProgress()
    if (request.destroyed) return
    if (!request.write(chunk)) {
      await new Promise<void>((resolve) => {
        const go = () => {
          request.off('drain', go)
          request.off('close', go)
          resolve()
        }
        request.on('drain', go)
        request.on('close', go)
      })
    }
  }
  request.end()
}

/**
 * The body, ended by an error where the other side stops sending, or sends so little that it would never end. Only the time
 * that is waited for it counts: a slow reader on this side is none.
 */
async function* watched(
  response: http.IncomingMessage,
  url: URL,
  stallTimeoutMs: number,
  signal: AbortSignal,
): AsyncGenerator<Uint8Array> {
  const chunks = response[Symbol.asyncIterator]() as AsyncIterator<Buffer>
  let waitedMs = 0
  let bytes = 0
  let timer: NodeJS.Timeout | undefined
  try {
    for (;;) {
      const began = performance.now()
      const leftMs = Math.max(0, stallTimeoutMs - waitedMs)
      const isSilent = leftMs > stallTimeoutMs / 2
      timer = setTimeout(() => response.destroy(stalled(url, isSilent ? 'body' : 'rate')), leftMs)
      const next = await chunks.next()
      clearTimeout(timer)
      if (next.done === true) return
      waitedMs += performance.now() - began
      bytes += next.value.length
      if (bytes >= slowestBytes) waitedMs = bytes = 0
      yield next.value
    }
  } catch (error) {
    throw networkError(error, url, signal)
  } finally {
    clearTimeout(timer)
    if (!response.complete) response.destroy()
  }
}

function joinHeaders(headers: http.IncomingHttpHeaders): Record<string, string> {
  const joined: Record<string, string> = {}
  for (const [name, value] of Object.entries(headers)) {
    if (value !== undefined) joined[name] = Array.isArray(value) ? value.join(', ') : value
  }
  return joined
}

/** One sentence for every refused address, so that it tells nothing of what is behind it. */
function forbidden(): FlotillaError {
  return fail('registry.forbiddenAddress')
}
