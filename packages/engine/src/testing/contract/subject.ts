import {
  type Capabilities,
  type Client,
  type ContainerSpecInput,
  type EngineMethods,
  FlotillaError,
} from '@flotilla/protocol'

/** What the contract is held against: an engine, straight or through a transport. */
export interface Subject {
  engine: Client<EngineMethods>
  capabilities: Capabilities
  /** On the host, with /bin/sh. */
  image: string
  /** Calls whose handler has not ended; where it can be counted. */
  openCalls?: () => number
  cleanup: () => Promise<void>
}

/** Or why it cannot be reached: its tests are reported as skipped, never as passed. */
export type SubjectFactory = () => Promise<Subject | { unreachable: string }>

export function claims(subject: Subject, name: string): boolean {
  return subject.capabilities[name]?.available === true
}

/** A spec that every engine takes: no bridge where it has none. */
export function specOf(subject: Subject, script: string, more: Partial<ContainerSpecInput> = {}): ContainerSpecInput {
  const network = claims(subject, 'containers.create.network.bridge') ? 'bridge' : 'none'
  return { image: subject.image, command: ['/bin/sh', '-c', script], network, stopTimeoutSeconds: 1, ...more }
}

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
