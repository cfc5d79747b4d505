import { randomBytes } from 'node:crypto'
import { setTimeout as sleep } from 'node:timers/promises'
import {
  type Client,
  type Container,
  type ContainerSpecInput,
  type EngineMethods,
  FlotillaError,
  type LogLine,
  type Network,
  systemScope,
  type Volume,
} from '@flotilla/protocol'
import { expect } from 'vitest'
import type { Subject, TestHost } from './subject.ts'

export const scope = { scope: systemScope }
/** Runs until it is killed, and takes no notice of TERM, as the first process of a container. */
export const sleeper = 'exec sleep 1000'

type More = Partial<ContainerSpecInput>
type VolumeInput = Parameters<Client<EngineMethods>['volumes']['create']>[0]
type NetworkInput = Parameters<Client<EngineMethods>['networks']['create']>[0]
/** The client with eyes on what is called. */
type Watch = (client: Client<EngineMethods>) => Client<EngineMethods>

/** What one test of the contract has: the engine, and containers that go when the test has ended. */
export class Kit {
  engine: Client<EngineMethods>
  readonly subject: Subject
  readonly host: TestHost
  readonly #record: Watch
  readonly #made = new Set<string>()
  readonly #volumes = new Set<string>()
  readonly #networks = new Set<string>()
  #where: 'bridge' | 'none' = 'bridge'

  constructor(subject: Subject, record: Watch, host: TestHost) {
    this.subject = subject
    this.#record = record
    this.engine = record(subject.engine)
    this.host = host
  }

  /** The engine ends as with its agent, and is opened again. Gives false where the subject cannot do that. */
  async reopen(): Promise<boolean> {
    if (this.subject.reopen === undefined) return false
    this.subject.engine = await this.subject.reopen()
    this.engine = this.#record(this.subject.engine)
    return true
  }

  /** Whether a failure names a container: by its id beside the sentence, or, as some engines do themselves, by name in it. */
  isNamed({ id, name }: Container, thrown: unknown): boolean {
    if (!(thrown instanceof FlotillaError)) return false
    const known = this.subject.objectId?.('container', id) ?? id
    return thrown.objects.some((object) => object.id === known) || thrown.message.includes(name)
  }

  claims(name: string): boolean {
    return this.subject.capabilities[name]?.available === true
  }

  /** Containers are on no network from now on, unless a test asks for one. */
  offline(): this {
    this.#where = 'none'
    return this
  }

  /** Containers are on the bridge again. */
  online(): this {
    this.#where = 'bridge'
    return this
  }

  /** A spec that every engine takes: no bridge where it has none. */
  spec(script: string, more: More = {}): ContainerSpecInput {
    const network = this.claims('containers.create.network.bridge') ? this.#where : 'none'
    const command = ['/bin/sh', '-c', script]
    return { image: this.subject.image, command, network, stopTimeoutSeconds: 1, ...more }
  }

  /** Removes it when the test has ended. */
  keep(container: Container): Container {
    this.#made.add(container.id)
    return container
  }

  /** A volume that goes when the test has ended. */
  async volume(more: Partial<VolumeInput> = {}): Promise<Volume> {
    const { volume } = await this.engine.volumes.create({ name: fresh('volume'), ...more }, scope)
    return this.keepVolume(volume)
  }

  keepVolume(volume: Volume): Volume {
    this.#volumes.add(volume.id)
    return volume
  }

  /** A network that goes when the test has ended. */
  async network(more: Partial<NetworkInput> = {}): Promise<Network> {
    const { network } = await this.engine.networks.create({ name: fresh('network'), ...more }, scope)
    this.#networks.add(network.id)
    return network
  }

  async create(script: string, more: More = {}): Promise<Container> {
    return this.keep((await this.engine.containers.create(this.spec(script, more), scope)).container)
  }

  async start(script: string, more: More = {}): Promise<Container> {
    const { id } = await this.create(script, more)
    return (await this.engine.containers.start({ id }, scope)).container
  }

  /** Runs a script to its end: what it printed, line by line, and its exit code. */
  async run(script: string, more: More = {}): Promise<{ id: string; out: string[]; exitCode: number | null }> {
    const { id } = await this.start(script, more)
    const { exitCode } = await this.engine.containers.wait({ id }, scope)
    return { id, out: await this.printed(id), exitCode }
  }

  async lines(input: Parameters<Client<EngineMethods>['containers']['logs']>[0]): Promise<LogLine[]> {
    return (await collect(this.engine.containers.logs(input, scope))).flatMap(({ lines }) => lines)
  }

  /** Lines whole, of which a kernel may bring one in pieces. A terminal ends them with a carriage return, which is taken away. */
  async printed(id: string, stream: 'stdout' | 'stderr' = 'stdout'): Promise<string[]> {
    const lines = (await this.lines({ id })).filter((line) => line.stream === stream)
    const text = lines.map((line) => (line.partial === true ? line.text : `${line.text}\n`)).join('')
    if (text === '') return []
    return text
      .replace(/\n$/, '')
      .split('\n')
      .map((line) => line.replace(/\r$/, ''))
  }

  /** Waits until a container has printed the line. */
  async said(id: string, text: string): Promise<void> {
    for await (const { lines } of this.engine.containers.logs({ id, follow: true }, scope)) {
      if (lines.some((line) => line.text.trim() === text)) return
    }
    throw new Error(`${id} ended and had not said ${text}`)
  }

  async inspect(id: string): Promise<Container> {
    return (await this.engine.containers.inspect({ id }, scope)).container
  }

  async becomes(id: string, wanted: Partial<Container>): Promise<void> {
    await eventually(async () => expect(await this.inspect(id)).toMatchObject(wanted))
  }

  async clean(): Promise<void> {
    const { containers, volumes, networks } = this.subject.engine
    for (const id of this.#made) await containers.remove({ id, force: true }, scope)
    for (const id of this.#volumes) await volumes.remove({ id }, scope)
    for (const id of this.#networks) await networks.remove({ id }, scope)
  }
}

/** A name that nothing else has. */
export const fresh = (word: string): string => `${word}-${randomBytes(4).toString('hex')}`

export async function codeOf(promise: Promise<unknown>): Promise<string> {
  try {
    await promise
    return 'no error'
  } catch (thrown) {
    return thrown instanceof FlotillaError ? thrown.code : `not ours: ${String(thrown)}`
  }
}

export async function collect<T>(items: AsyncIterable<T>): Promise<T[]> {
  const all: T[] = []
  for await (const item of items) all.push(item)
  return all
}

/** A cancelled stream ends for its reader at once; that its handler ended too is looked at when all tests are done. */
export async function ends(open: (signal: AbortSignal) => AsyncIterable<unknown>): Promise<void> {
  const leave = new AbortController()
  const reading = codeOf(collect(open(leave.signal)))
  await sleep(100) // long enough to be under way over a link
  leave.abort()
  expect(await reading).toBe('CANCELLED')
}

/** Tries an assertion again until it holds; throws its last failure after 40 s, for containers on a busy machine. The poll of vitest knows no tests side by side. */
export async function eventually(assertion: () => Promise<void>): Promise<void> {
  const deadline = performance.now() + 40_000
  for (;;) {
    try {
      return await assertion()
    } catch (failure) {
      if (performance.now() > deadline) throw failure
    }
    await sleep(50)
  }
}
