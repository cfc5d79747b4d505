import { pause } from '@flotilla/async'
import { isAtLeast } from '@flotilla/oci'
import { Agent } from 'node:http'
import type { Readable } from 'node:stream'
import { inspect } from 'node:util'
import type { EngineIdentity } from '@flotilla/engine'
import type { Reason } from '@flotilla/protocol'
import Docker from 'dockerode'
import type { z } from 'zod'
import { InfoAnswer, VersionAnswer } from './docker-answers.ts'
import { dockerError } from './docker-error.ts'
import { type DaemonFacts, factsOf, speaksAtLeast, unreachableFacts } from './daemon-facts.ts'

const probeTimeoutMs = 5_000
const comeBackEveryMs = 2_000
const good = { 200: true, 201: true, 204: true }

/** A request beyond what the client library offers with cancelling. */
export interface DaemonRequest {
  method?: 'GET' | 'POST' | 'DELETE'
  /** Without a query. Whoever makes it checks its parts: nothing is encoded here. */
  path: string
  query?: Record<string, string>
  body?: object
  /** For pulls: goes into a header of this request alone. */
  credentials?: Docker.AuthConfig
  signal: AbortSignal
}

/**
 * docker-modem writes the options of each request out for its debug log, on or off: with all that hangs on the open connections
 * that took most of the agent's time.
 */
class Connections extends Agent {
  [inspect.custom](): string {
    return 'Connections'
  }
}

/** A Docker daemon behind its socket, with what it last said of itself. */
export class Daemon {
  readonly id: string
  /** Speaks the newest API that both sides know. */
  readonly docker: Docker
  /** Speaks no version at all, to ask for one. */
  readonly #bare: Docker
  readonly #connections = new Connections({ keepAlive: true })
  #facts: DaemonFacts

  constructor(options: { id: string; socketPath: string }) {
    this.id = options.id
    // Whatever DOCKER_HOST says: this daemon is the one behind this socket.
    const connection = { ...options, host: '', protocol: 'http' as const, timeout: 0, agent: this.#connections }
    this.docker = new Docker(connection)
    this.#bare = new Docker(connection)
    this.#facts = unreachableFacts(options.id, 'It has not been asked yet.')
  }

  /** Ends what is still open to the daemon. */
  close(): void {
    this.#connections.destroy()
  }

  identity(): EngineIdentity {
    return this.#facts.identity
  }

  absences(): Readonly<Record<string, Reason>> {
    return this.#facts.absences
  }

  /** Its id and its root folder as it last said them: to answer that anew it starts two programs. */
  place(): DaemonFacts['place'] {
    return this.#facts.place
  }

  /** Whether the API that is spoken is at least this one. */
  speaks(version: string): boolean {
    return speaksAtLeast(this.#facts, version)
  }

  /** Whether it makes a mount read-only with all that is mounted inside of it: since Docker Engine 25, on Linux 5.12. */
  get recursiveReadOnly(): boolean {
    return this.speaks('1.44') && isAtLeast(this.#facts.kernelVersion, '5.12')
  }

  /** Never throws: a daemon that does not answer is unavailable, with the reason. */
  async probe(signal: AbortSignal = AbortSignal.timeout(probeTimeoutMs)): Promise<void> {
    try {
      const [version, info] = await Promise.all([
        dial(this.#bare, { path: '/version', signal }),
        dial(this.#bare, { path: '/info', signal }),
      ])
      this.#facts = factsOf(this.id, VersionAnswer.parse(version), InfoAnswer.parse(info))
      modemOf(this.docker).version = this.#facts.apiVersion
    } catch (error) {
      this.#facts = unreachableFacts(this.id, dockerError(error).message)
    }
  }

  /**
   * Whether it answers, be it with a refusal. Asked for is the start of its list of containers, which is cheap however many there
   * are: `/_ping` is answered by a daemon that is locked up in all else. Throws where it is not there.
   */
  async ping(signal: AbortSignal): Promise<void> {
    const asked = dial(this.#bare, { path: '/containers/json', query: { limit: '1' }, signal })
    await this.tell(asked.catch(unlessAnswered))
  }

  /** Asks every two seconds until the daemon answers. Only called while somebody watches. */
  async untilReady(signal: AbortSignal): Promise<void> {
    for (;;) {
      await this.probe()
      if (this.identity().state === 'ready' || signal.aborted) return
      await pause(comeBackEveryMs, signal)
    }
  }

  /** Runs one request of the client library and gives its checked answer; failures come as ours. */
  async ask<T>(schema: z.ZodType<T>, request: Promise<unknown>): Promise<T> {
    try {
      return schema.parse(await request)
    } catch (error) {
      throw dockerError(error)
    }
  }

  /** Runs one request of the client library whose answer does not matter. */
  async tell(request: Promise<unknown>): Promise<void> {
    try {
      await request
    } catch (error) {
      throw dockerError(error)
    }
  }

  /** One request with a checked JSON answer. */
  request<T>(schema: z.ZodType<T>, request: DaemonRequest): Promise<T> {
    return this.ask(schema, dial(this.docker, request))
  }

  /** One request whose body is read as it comes. Failures of the body itself are Docker's until `dockerError` sees them. */
  async stream(request: DaemonRequest): Promise<Readable> {
    try {
      return (await dial(this.docker, request, true)) as Readable
    } catch (error) {
      throw dockerError(error)
    }
  }
}

/** Throws what is no answer of the daemon's. */
function unlessAnswered(error: unknown): void {
  if (!(error instanceof Error && 'statusCode' in error && typeof error.statusCode === 'number')) throw error
}

function dial(docker: Docker, request: DaemonRequest, isStream = false): Promise<unknown> {
  const { method = 'GET', path, query = {}, body = {}, credentials, signal } = request
  const options = {
    // The library cuts the last character of a path with a question mark that has no options beside it.
    path: Object.keys(query).length === 0 ? path : `${path}?`,
    options: { _query: query, _body: body },
    authconfig: credentials,
    // One of its own: request and answer each listen to it, and a list asks for many rows at once by the signal of one call.
    abortSignal: AbortSignal.any([signal]),
    statusCodes: good,
    ...{ method, isStream },
  }
  return new Promise((resolve, reject) => {
    modemOf(docker).dial(options, (error, answer) => {
      if (error === null || error === undefined) resolve(answer)
      else reject(error instanceof Error ? error : new Error('docker-modem failed', { cause: error }))
    })
  })
}

interface Modem {
  version: string | undefined
  dial(options: object, callback: (error: unknown, answer: unknown) => void): void
}

/** The library types its transport as anything. */
function modemOf(docker: Docker): Modem {
  return docker.modem as unknown as Modem
}
