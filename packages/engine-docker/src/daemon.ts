import type { Readable } from 'node:stream'
import type { EngineIdentity } from '@flotilla/engine'
import { FlotillaError, type RuntimeInfo } from '@flotilla/protocol'
import Docker from 'dockerode'
import type { z } from 'zod'
import { InfoAnswer, VersionAnswer } from './docker-answers.ts'
import { dockerError } from './docker-error.ts'

/** The oldest Docker Engine API that is spoken: Debian 12's engine, 20.10. */
const oldestApi = '1.41'
const probeEveryMs = 15_000
const probeTimeoutMs = 5_000

export interface DaemonOptions {
  id: string
  socketPath: string
}

/** A Docker daemon behind its socket, with what it last said of itself. */
export class Daemon {
  readonly docker: Docker
  readonly id: string
  #identity: EngineIdentity
  #timer: NodeJS.Timeout | undefined

  constructor(options: DaemonOptions) {
    this.id = options.id
    this.docker = new Docker({ socketPath: options.socketPath })
    this.#identity = unavailable(options.id, 'It has not been asked yet.')
  }

  /** Asks the daemon once, then again each 15 s until `close`. */
  async start(): Promise<void> {
    await this.probe()
    this.#timer = setInterval(() => void this.probe(), probeEveryMs).unref()
  }

  close(): void {
    clearInterval(this.#timer)
  }

  identity(): EngineIdentity {
    return this.#identity
  }

  /** Never throws: a daemon that does not answer is unavailable, with the reason. */
  async probe(): Promise<void> {
    try {
      const [version, info] = await withDeadline(
        Promise.all([this.docker.version(), this.docker.info()]) as Promise<[unknown, unknown]>,
      )
      this.#identity = identityOf(this.id, VersionAnswer.parse(version), InfoAnswer.parse(info))
    } catch (error) {
      this.#identity = unavailable(this.id, dockerError(error).message)
    }
  }

  /** Runs one request and gives its checked answer; failures come as ours. */
  async ask<T>(schema: z.ZodType<T>, request: Promise<unknown>): Promise<T> {
    try {
      return schema.parse(await request)
    } catch (error) {
      throw dockerError(error)
    }
  }

  /** Runs one request whose answer does not matter. */
  async tell(request: Promise<unknown>): Promise<void> {
    try {
      await request
    } catch (error) {
      throw dockerError(error)
    }
  }

  /** A GET whose body is read as it comes; dockerode itself gathers some of these in memory. */
  stream(path: string, query: Record<string, string>, signal: AbortSignal): Promise<Readable> {
    const options = {
      path: `${path}?${new URLSearchParams(query).toString()}`,
      method: 'GET',
      isStream: true,
      abortSignal: signal,
      statusCodes: { 200: true, 101: true, 400: 'bad request', 404: 'not found', 409: 'conflict', 500: 'server error' },
    }
    const modem = this.docker.modem as Modem
    return new Promise((resolve, reject) => {
      modem.dial(options, (error, body) => (error ? reject(dockerError(error)) : resolve(body)))
    })
  }
}

interface Modem {
  dial(options: object, callback: (error: unknown, body: Readable) => void): void
}

async function withDeadline<T>(promise: Promise<T>): Promise<T> {
  let timer: NodeJS.Timeout | undefined
  const deadline = new Promise<never>((_resolve, reject) => {
    timer = setTimeout(
      () => reject(new FlotillaError('TIMEOUT', `The Docker daemon did not answer within ${probeTimeoutMs} ms.`)),
      probeTimeoutMs,
    )
  })
  try {
    return await Promise.race([promise, deadline])
  } finally {
    clearTimeout(timer)
  }
}

function unavailable(id: string, reason: string): EngineIdentity {
  return {
    id,
    kind: 'docker',
    name: 'Docker Engine',
    version: null,
    state: 'unavailable',
    reason,
    runtimes: [],
    storageDriver: null,
  }
}

function identityOf(
  id: string,
  version: z.infer<typeof VersionAnswer>,
  info: z.infer<typeof InfoAnswer>,
): EngineIdentity {
  if (compareVersions(version.ApiVersion, oldestApi) < 0) {
    return {
      ...unavailable(id, `Its API ${version.ApiVersion} is older than ${oldestApi}. Upgrade Docker Engine.`),
      version: version.Version,
    }
  }
  return {
    id,
    kind: 'docker',
    name: 'Docker Engine',
    version: version.Version,
    state: 'ready',
    runtimes: runtimesOf(info),
    storageDriver: info.Driver,
  }
}

function runtimesOf(info: z.infer<typeof InfoAnswer>): RuntimeInfo[] {
  return Object.entries(info.Runtimes ?? {}).map(([name, runtime]) => ({
    name,
    path: runtime.path,
    version: null,
    usable: true,
    isDefault: name === info.DefaultRuntime,
  }))
}

function compareVersions(left: string, right: string): number {
  const [leftParts, rightParts] = [left, right].map((version) => version.split('.').map(Number))
  const major = (leftParts?.[0] ?? 0) - (rightParts?.[0] ?? 0)
  return major === 0 ? (leftParts?.[1] ?? 0) - (rightParts?.[1] ?? 0) : major
}
