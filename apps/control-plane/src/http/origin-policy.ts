import type { IncomingMessage } from 'node:http'
import { type FlotillaError, fail } from '@flotilla/protocol'
import { isLoopback } from '../env.ts'

export interface OriginPolicyOptions {
  publicUrl: string
  listen: string
  port: number
}

/** Which names this server answers to, and from which pages a browser may ask it. */
export class OriginPolicy {
  readonly origins: ReadonlySet<string>
  readonly #hosts: ReadonlySet<string>

  constructor({ publicUrl, listen, port }: OriginPolicyOptions) {
    const origins = [new URL(publicUrl).origin]
    if (isLoopback(listen)) {
      for (const name of ['localhost', '127.0.0.1', '[::1]', listen.includes(':') ? `[${listen}]` : listen]) {
        origins.push(new URL(`http://${name}:${port}`).origin)
      }
    } else if (listen !== '0.0.0.0' && listen !== '::') {
      origins.push(new URL(`https://${listen.includes(':') ? `[${listen}]` : listen}:${port}`).origin)
    }
    this.origins = new Set(origins)
    this.#hosts = new Set(origins.map((origin) => new URL(origin).host))
  }

  /** PERMISSION_DENIED for a name that is not ours: a page that rebinds its own name to this address sends such a one. */
  requireHost(request: IncomingMessage): void {
    const host = request.headers.host?.toLowerCase()
    if (host !== undefined && (this.#hosts.has(host) || this.#hosts.has(withoutDefaultPort(host)))) return
    throw fail('request.otherName', { name: (host ?? 'none').slice(0, 100) })
  }

  /**
   * Keeps other sites' pages out. A browser names the page's origin in whatever could change something; where it is not
   * named, a cookie does not count unless the browser itself says that the page is ours.
   */
  requireOrigin(request: IncomingMessage): void {
    const { origin, cookie, authorization } = request.headers
    if (origin !== undefined) {
      if (this.origins.has(origin)) return
      throw foreign(origin)
    }
    const site = request.headers['sec-fetch-site']
    if (site === 'cross-site' || site === 'same-site') {
      // A link from elsewhere may open a page, and nothing more.
      if (request.headers['sec-fetch-mode'] === 'navigate' && isRead(request)) return
      throw foreign(site)
    }
    if (isRead(request) || cookie === undefined || authorization !== undefined || site === 'same-origin') return
    throw foreign('none')
  }

  /** For a socket that a page opens: its origin must be there and ours. */
  requireSocketOrigin(request: IncomingMessage): void {
    const { origin } = request.headers
    if (origin === undefined || !this.origins.has(origin)) throw foreign(origin ?? 'none')
  }
}

function isRead(request: IncomingMessage): boolean {
  return request.method === 'GET' || request.method === 'HEAD'
}

function withoutDefaultPort(host: string): string {
  return host.replace(/:(80|443)$/, '')
}

function foreign(origin: string): FlotillaError {
  return fail('request.otherSite', { origin: origin.slice(0, 100) })
}
