import type { IncomingMessage, Server, ServerResponse } from 'node:http'
import { type FlotillaError, errorTable, fail } from '@flotilla/protocol'
import type { DatabaseHealth } from '../database/database-health.ts'
import { sendError } from './answers.ts'
import { sendHealth } from './health.ts'
import { type HttpServerOptions, createHttpServer, listen } from './server.ts'

const askAgainSeconds = 5

type FrontOptions = Pick<HttpServerOptions, 'policy' | 'proxies' | 'tls' | 'log'> & { port: number; address: string }

/**
 * What listens while the control plane cannot begin for want of its database: every request is answered with why, and a browser asks
 * again by itself. It is there from the first time that the database is seen to be away until it is closed.
 */
export class WaitingFront {
  readonly #health: DatabaseHealth
  readonly #options: FrontOptions
  #server: Promise<Server> | undefined
  #isClosed = false

  constructor(health: DatabaseHealth, options: FrontOptions) {
    this.#health = health
    this.#options = options
    health.onChange = (trouble) => this.#changed(trouble)
  }

  /** Before the control plane itself listens at the same port. What comes later of the database is logged. */
  async close(): Promise<void> {
    if (this.#isClosed) return
    this.#isClosed = true
    const server = await this.#server?.catch(() => undefined) // it was logged
    await new Promise<void>((resolve) => {
      if (server === undefined) return resolve()
      server.close(() => resolve())
      server.closeAllConnections()
    })
  }

  #changed(trouble: FlotillaError | undefined): void {
    const { log } = this.#options
    if (trouble === undefined) return log.info('the database answers')
    log.warn({ detail: trouble.detail }, trouble.message)
    if (this.#isClosed) return
    this.#server ??= this.#listen()
    this.#server.catch((error: unknown) => log.warn({ err: error }, 'nothing can listen while the database is away'))
  }

  async #listen(): Promise<Server> {
    const trouble = () => this.#health.trouble ?? fail('call.failed')
    const refuse = (request: IncomingMessage, response: ServerResponse) => {
      response.setHeader('retry-after', String(askAgainSeconds))
      if (request.headers.accept?.includes('text/html') === true) sendPage(response, trouble())
      else sendError(response, trouble())
    }
    const server = createHttpServer({
      ...this.#options,
      routes: [
        {
          methods: ['GET', 'HEAD'],
          path: '/healthz',
          access: 'public',
          answer: (_request, response) => sendHealth(response, trouble()),
        },
        { methods: ['GET', 'HEAD', 'POST', 'PATCH', 'PUT', 'DELETE'], path: '/*', access: 'public', answer: refuse },
      ],
      upgrades: [],
    })
    await listen(server, this.#options.port, this.#options.address)
    return server
  }
}

function sendPage(response: ServerResponse, error: FlotillaError): void {
  const words = error.message.replace(/[<>&"]/g, (character) => `&#${character.charCodeAt(0)};`)
  const page = `<!doctype html><html lang="en"><meta charset="utf-8"><title>Flotilla waits for its database</title><h1>Flotilla waits for its database</h1><p>${words}</p></html>`
  response.setHeader('refresh', String(askAgainSeconds))
  response.writeHead(errorTable[error.code].http, {
    'content-type': 'text/html; charset=utf-8',
    'content-length': Buffer.byteLength(page),
    'cache-control': 'no-store',
  })
  response.end(page)
}
