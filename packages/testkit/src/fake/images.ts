import { createHash } from 'node:crypto'
import { setTimeout as sleep } from 'node:timers/promises'
import {
  beginsId,
  type Call,
  type Image,
  type ImageDetail,
  type ImageRemoval,
  fail,
  namedContainers,
} from '@flotilla/protocol'

export interface FakeImage {
  id: string
  references: string[]
  entrypoint: string[]
  command: string[]
  user: string
  workingDir: string
  stopSignal: string | null
  /** Ports as `8080/tcp`. */
  exposedPorts: string[]
  layers: { digest: string; sizeBytes: number }[]
  /** Its VOLUMEs. */
  volumes: readonly string[]
  /** What its containers find there, by path. */
  files: Readonly<Record<string, string>>
  createdAt: string
}

/** The image with VOLUMEs: one that has a file, one that has none, and a file that is in none. */
export const volumesImage = 'docker.io/contract/volumes:1'
const withVolumes = {
  stopSignal: 'SIGSHRUG',
  volumes: ['/data', '/not/there'],
  files: { '/data/file': 'data of the image\n', '/seeded/file': 'seeded of the image\n' },
}

const digestOf = (text: string) => `sha256:${createHash('sha256').update(text).digest('hex')}`

/** `nginx` is `docker.io/library/nginx:latest`, as Docker reads it. */
export function normalise(reference: string): string {
  const parts = reference.split('/')
  const first = parts[0] ?? ''
  const hasHost = parts.length > 1 && (first.includes('.') || first.includes(':') || first === 'localhost')
  const [host, path] = hasHost ? [first, parts.slice(1).join('/')] : ['docker.io', reference]
  if (!/^[a-z0-9]+([._/-][a-z0-9]+)*(:[\w][\w.-]*)?(@sha256:[0-9a-f]{64})?$/.test(path)) {
    throw fail('image.badReference', { reference, why: 'it has no name' }, { field: ['image'] })
  }
  const full = `${host}/${host === 'docker.io' && !path.includes('/') ? `library/${path}` : path}`
  return /[:@][^/]*$/.test(full.slice(full.lastIndexOf('/'))) ? full : `${full}:latest`
}

/** An image made from its reference alone, always the same. */
export function makeImage(reference: string): FakeImage {
  const name = normalise(reference)
  const count = 2 + (name.length % 4)
  return {
    id: digestOf(name),
    references: [name],
    entrypoint: [],
    command: ['/bin/sh'],
    user: '0',
    workingDir: '/',
    exposedPorts: ['8080/tcp'],
    layers: Array.from({ length: count }, (_, index) => ({
      digest: digestOf(`${name}#${index}`),
      sizeBytes: 1_000_000 * (index + 1),
    })),
    ...(name === volumesImage ? withVolumes : { stopSignal: null, volumes: [], files: {} }),
    createdAt: '2026-01-01T00:00:00.000Z',
  }
}

/** The images of a fake host and the registry that it pulls from. */
export class FakeImages {
  readonly #engine: string
  readonly #all = new Map<string, FakeImage>()
  readonly #registry: ReadonlySet<string>
  readonly #usedBy: (id: string) => string[]
  readonly #layerMs: number

  constructor(options: {
    engine: string
    local: readonly string[]
    registry: readonly string[]
    layerMs: number
    usedBy: (id: string) => string[]
  }) {
    this.#engine = options.engine
    this.#usedBy = options.usedBy
    this.#layerMs = options.layerMs
    this.#registry = new Set([...options.local, ...options.registry].map(normalise))
    for (const reference of options.local) this.#add(makeImage(reference))
  }

  #add(image: FakeImage): FakeImage {
    const known = this.#all.get(image.id)
    if (known === undefined) this.#all.set(image.id, image)
    else known.references = [...new Set([...known.references, ...image.references])]
    return known ?? image
  }

  /** By id, a unique beginning of it of twelve digits or more, or reference. */
  find(text: string): FakeImage {
    const found = [...this.#all.values()].filter(({ id }) => beginsId(id, text))
    if (found.length > 1) throw fail('image.ambiguousId', { ref: text, ids: found.map(({ id }) => id).join(', ') })
    if (found[0] !== undefined) return found[0]
    const reference = normalise(text)
    const image = [...this.#all.values()].find(({ references }) => references.includes(reference))
    if (image === undefined) throw fail('image.notFound', { ref: text })
    return image
  }

  async pull(text: string, call: Call): Promise<FakeImage> {
    const reference = normalise(text)
    call.progress({ step: 'resolve', state: 'running' })
    if (!this.#registry.has(reference)) throw fail('registry.hasNo', { host: 'docker.io', what: `image ${reference}` })
    call.progress({ step: 'resolve', state: 'done' })
    const image = makeImage(reference)
    for (const { digest, sizeBytes } of image.layers) {
      for (const part of [0, 0.5, 1]) {
        call.signal.throwIfAborted()
        const state = part === 1 ? 'done' : 'running'
        const currentBytes = Math.round(sizeBytes * part)
        call.progress({ step: 'download', item: digest, state, currentBytes, totalBytes: sizeBytes })
        await sleep(this.#layerMs / 3)
      }
      call.progress({ step: 'unpack', item: digest, state: 'done' })
    }
    return this.#add(image)
  }

  remove(text: string, force: boolean): ImageRemoval {
    const image = this.find(text)
    const byReference = !beginsId(image.id, text)
    const untagged = byReference && image.references.length > 1 ? [normalise(text)] : [...image.references]
    if (untagged.length < image.references.length) {
      image.references = image.references.filter((reference) => !untagged.includes(reference))
      return { untagged, deleted: null, freedBytes: 0 }
    }
    const users = this.#usedBy(image.id)
    if (users.length > 0 && !force) {
      throw fail('image.inUse', { count: users.length }, { objects: namedContainers(users) })
    }
    if (users.length > 0) throw fail('image.inUse', { count: users.length })
    this.#all.delete(image.id)
    return { untagged, deleted: image.id, freedBytes: size(image) }
  }

  list(): Image[] {
    return [...this.#all.values()].map((image) => this.row(image))
  }

  row(image: FakeImage): Image {
    return {
      id: image.id,
      engine: this.#engine,
      references: image.references,
      digests: [`${(image.references[0] ?? '').replace(/:[^:/]*$/, '')}@${digestOf(`manifest ${image.id}`)}`],
      createdAt: image.createdAt,
      sizeBytes: size(image),
      architecture: 'amd64',
      os: 'linux',
      layers: image.layers.length,
      usedBy: this.#usedBy(image.id),
    }
  }

  detail(image: FakeImage): ImageDetail {
    return {
      image: this.row(image),
      command: image.command,
      entrypoint: image.entrypoint,
      env: ['PATH=/usr/local/bin:/usr/bin:/bin'],
      user: image.user,
      workingDir: image.workingDir,
      exposedPorts: image.exposedPorts,
      labels: {},
      stopSignal: image.stopSignal,
      layers: image.layers.map(({ digest, sizeBytes }) => ({
        digest,
        diffId: digestOf(digest),
        sizeBytes,
        createdBy: null,
      })),
      native: { ...image },
    }
  }
}

function size(image: FakeImage): number {
  return image.layers.reduce((sum, layer) => sum + layer.sizeBytes, 0)
}
