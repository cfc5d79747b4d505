import type { Duplex } from 'node:stream'
import { connect, serve, service } from '@flotilla/link'
import type { Transport } from '../transports.ts'
import {
  type Capabilities,
  type Client,
  type ContainerSpecInput,
  type EngineMethods,
  engineMethods,
  type Progress,
} from '@flotilla/protocol'
import { capabilities, type Engine } from '@flotilla/engine'
import { createLocalClient } from '../local-client.ts'
import { observed } from '../observed.ts'

/** The machine that the engine's containers run on, as one sees it from outside of them. */
export interface TestHost {
  /** A folder there that is the test's own, for bind mounts. */
  folder: string
  readFile(path: string): Promise<string>
  writeFile(path: string, text: string): Promise<void>
  /** A connection to a port that is published there. */
  connect(port: number): Promise<Duplex>
  /** What a UDP port that is published there answers to one datagram; throws TIMEOUT where nothing comes. */
  exchange(port: number, datagram: string): Promise<string>
  /** A program for a container of `image`, which sends back what comes to a UDP port of its own. */
  echo(port: number): Pick<ContainerSpecInput, 'command' | 'mounts'>
  /** Scripts for a container that looks at its networks. */
  look: {
    /** What such a container needs of the host for them. */
    lent: NonNullable<ContainerSpecInput['mounts']>
    /** Prints the page of a web server at a name or address; fails where nothing answers. */
    page(at: string): string
    /** Prints each address that a name has with the container's own DNS servers or these others, all asked at once; nothing where none answers within seconds. */
    names(name: string, servers: readonly string[]): string
    /** Prints `answered` where an address answers an echo request, sent with no right but every user's. */
    ping(at: string): string
    /** Prints each link of it in a line: its name or its MAC address or both, and its MTU at the end. */
    links: string
    /** Prints its addresses of IPv4, each with the bits of its subnet. */
    addresses: string
  }
  remove(): Promise<void>
}

/** What the contract is held against: an engine, straight or through a transport. */
export interface Subject {
  engine: Client<EngineMethods>
  capabilities: Capabilities
  /** On the host, with busybox: its shell, `httpd`, `stty`. */
  image: string
  /** Of `makeVolumesImage`, where `pull: missing` finds it. */
  volumesImage: string
  /** Where the containers run; this machine where it is left out. */
  host?: TestHost
  /** Not on the host, in a registry that the engine reaches. */
  pullable?: string
  /** A tag in such a registry, and what makes it another image's there. */
  moving?: { reference: string; move(): Promise<void> }
  /** How failures call an object of the engine; by its own id where this is left out. */
  objectId?: (kind: string, id: string) => string
  /** What an operation reported, where the subject can see it. */
  progressOf?: (operationId: string) => readonly Progress[] | Promise<readonly Progress[]>
  /** Calls whose handler has not ended; where it can be counted. */
  openCalls?: () => number
  /** Ends the engine as an agent's end does, and opens it again over what it left; gives the new one. */
  reopen?: () => Promise<Client<EngineMethods>>
  cleanup: () => Promise<void>
}

/** Or why it cannot be reached: its tests are reported as skipped, never as passed. */
export type SubjectFactory = () => Promise<Subject | { unreachable: string }>

export type Reached = Pick<Subject, 'engine' | 'capabilities' | 'progressOf' | 'openCalls' | 'cleanup'>

/** The engine with no transport. Cleaning up leaves it open. */
export function reachStraight(engine: Engine): Reached {
  const { client, openCalls, progressOf } = createLocalClient(engine)
  return { engine: client, capabilities: capabilities(engine), openCalls, progressOf, cleanup: () => Promise.resolve() }
}

/** The engine behind a link over the transport. Cleaning up closes the link and leaves the engine open. */
export async function reachThrough(engine: Engine, transport: Transport): Promise<Reached> {
  const pair = await transport.open()
  const { handlers, openCalls, progressOf } = observed(engine)
  const found = service(engineMethods, handlers, () => engine.absences())
  const session = serve(pair.agent, {
    find: (name) => (name === engine.id ? found : undefined),
    hello: { version: 'contract' },
  })
  const link = await connect(pair.caller, { hello: { version: 'contract' } })
  return {
    engine: link.client(engine.id, engineMethods),
    capabilities: capabilities(engine),
    openCalls,
    progressOf,
    async cleanup() {
      link.close()
      session.close()
      await Promise.all([link.closed, session.closed])
      await pair.close()
    },
  }
}
