import { randomBytes } from 'node:crypto'
import { once } from 'node:events'
import { chmodSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { run, runOk, spawn } from '@flotilla/host'
import { type NetworkAttachment, NetworkCreateInput, PortMapping } from '@flotilla/protocol'
import { createNetworks, releaseSubnet } from '../index.ts'
import type { Networks, NetworkSetup, RunningContainer } from '../types.ts'
import { asking } from './asking.ts'
import { resolving } from './resolving.ts'

/** An instance with networks, and namespaces as containers have them, in which programs of the host run. */
export class Boxes {
  readonly instance = randomBytes(3).toString('hex')
  readonly folder = mkdtempSync(join(tmpdir(), 'flotilla-boxes-'))
  readonly warnings: string[] = []
  readonly #children: ReturnType<typeof spawn>[] = []
  networks!: Networks

  static async open(): Promise<Boxes> {
    const boxes = new Boxes()
    chmodSync(boxes.folder, 0o755) // the name server is a plain user
    await boxes.reopen()
    return boxes
  }

  /** As the next agent does. */
  async reopen(): Promise<void> {
    this.networks = await createNetworks({
      ...{ instance: this.instance, dataDir: join(this.folder, 'data'), runDir: join(this.folder, 'run') },
      resolvConf: this.#resolvConf,
      ...{ log: { warn: (_, message) => void this.warnings.push(message) }, failurePoint: () => {} },
    })
  }

  get #resolvConf(): string {
    return join(this.folder, 'resolv.conf')
  }

  /** What is no container's name is asked of a server at this address, as though the host's resolv.conf named it. */
  askElsewhere(address: string): void {
    writeFileSync(this.#resolvConf, `nameserver ${address}\n`)
  }

  async create(name: string, input: Partial<NetworkCreateInput> = {}): Promise<string> {
    const made = await this.networks.definitions.create(NetworkCreateInput.parse({ name, ...input }), '')
    return made.id
  }

  async start(
    name: string,
    networks: (string | (Partial<NetworkAttachment> & { network: string }))[],
    ports: object[] = [],
  ): Promise<Box> {
    const attachments = networks.map((each) => ({
      aliases: [],
      ...(typeof each === 'string' ? { network: each } : each),
    }))
    const id = randomBytes(32).toString('hex')
    const container = { containerId: id, hostname: name, folder: join(this.folder, 'boxes', name) }
    const setup = await this.networks.setup({
      ...{ ...container, name, network: 'bridge' },
      ...(networks.length === 0 ? {} : { networks: attachments }),
      ports: ports.map((port) => PortMapping.parse(port)),
    })
    return new Box(container, setup, this.#children)
  }

  /** A namespace that another program made, for the same calls. */
  adopt(netnsPath: string): Box {
    const setup = { netnsPath, address: null, ports: [], files: {} as NetworkSetup['files'] }
    return new Box({ containerId: '', hostname: '', folder: '' }, setup, this.#children)
  }

  async close(): Promise<void> {
    for (const child of this.#children) {
      if (child.exitCode === null && child.kill('SIGKILL')) await once(child, 'close')
    }
    for (const id of await this.networks.list()) await this.networks.teardown(id)
    await releaseSubnet(this.instance)
    rmSync(this.folder, { recursive: true })
  }
}

export class Box {
  readonly id: string
  readonly setup: NetworkSetup
  readonly container: RunningContainer
  readonly #children: ReturnType<typeof spawn>[]

  constructor(container: RunningContainer, setup: NetworkSetup, children: ReturnType<typeof spawn>[]) {
    this.id = container.containerId
    this.container = container
    this.setup = setup
    this.#children = children
  }

  argv(argv: string[]): string[] {
    return ['nsenter', `--net=${this.setup.netnsPath}`, ...argv]
  }

  async sh(script: string): Promise<string> {
    return (await runOk(this.argv(['sh', '-c', script]))).stdout.toString().trim()
  }

  /** A program in it that runs until it ends by itself, or with all boxes. */
  spawn(argv: string[]): ReturnType<typeof spawn> {
    const child = spawn(this.argv(argv), { stdio: ['pipe', 'pipe', 'inherit'] })
    this.#children.push(child)
    return child
  }

  /** A program in it, to its good end. */
  async run(argv: string[]): Promise<void> {
    await runOk(this.argv(argv))
  }

  /** Its global addresses, of IPv4 and IPv6, by link. */
  async addresses(link = 'eth0'): Promise<{ ipv4: string; ipv6: string }> {
    const text = await this.sh(`ip -o addr show dev ${link} scope global`)
    const of = (family: string) => new RegExp(`${family} ([^/ ]+)`).exec(text)?.[1] ?? ''
    return { ipv4: of('inet'), ipv6: of('inet6') }
  }

  /** Answers HTTP and UDP at port 80, in both families, with a text. */
  async serve(text: string, port = 80): Promise<void> {
    const code = `const text = ${JSON.stringify(text)}
      require('http').createServer((_, answer) => answer.end(text)).listen(${port}, '::', () => {
        const socket = require('dgram').createSocket({ type: 'udp6', ipv6Only: false })
        socket.on('message', (_, from) => socket.send(text, from.port, from.address)).bind(${port}, '::', () => console.log('up'))
      })`
    const child = spawn(this.argv([process.execPath, '-e', code]), { stdio: ['ignore', 'pipe', 'inherit'] })
    this.#children.push(child)
    if (child.stdout !== null) await once(child.stdout, 'data', { signal: AbortSignal.timeout(10_000) })
  }

  fetch(address: string, port = 80): Promise<string> {
    return fetchIn(this.argv([]), address, port)
  }

  udp(address: string, port = 80): Promise<string> {
    return ask(this.argv([...asking, 'udp', address, String(port)]))
  }
}

/** What an HTTP request from a namespace answers, or the error's code; `within` enters it. */
export const fetchIn = (within: string[], address: string, port = 80): Promise<string> =>
  ask([...within, ...asking, 'tcp', address, String(port)])

/** The addresses of a name as a server tells them to a namespace, sorted; the error's code where there are none. */
export const resolveIn = (
  within: string[],
  name: string,
  server: string,
  family: 4 | 6 = 4,
  source?: string,
): Promise<string> =>
  ask([...within, ...resolving, String(family), name, server, ...(source === undefined ? [] : [source])])

export const fetchFromHost = (address: string, port: number): Promise<string> => fetchIn([], address, port)

/** What a datagram is answered with, or `silence`. */
export const udpFromHost = (address: string, port: number): Promise<string> =>
  ask([...asking, 'udp', address, String(port)])

async function ask(argv: string[]): Promise<string> {
  const result = await run(argv, { timeoutMs: 15_000 })
  return result.stdout.toString().trim() || result.stderr
}
