import {
  type Container,
  type FlotillaError,
  PortMapping,
  becauseOf,
  beginsId,
  fail,
  namedContainers,
  reasonFields,
} from '@flotilla/protocol'
import { z } from 'zod'

/** A container whose record this agent cannot read, as far as it can be told. */
export interface SetAsideContainer {
  id: string
  /** The beginning of its id where its record tells no name. */
  name: string
  isNewer: boolean
  /** What its record says of the rest, which may be nothing. */
  seen: Glimpse
  /** When its record came about, for one that does not say when it was made. */
  writtenAt: string
}

/** What is looked for in a record of which nothing else is sure. */
const Glimpse = z.object({
  version: z.number().catch(0),
  name: z.string().min(1).optional().catch(undefined),
  image: z.string().catch(''),
  imageId: z.string().catch(''),
  createdAt: z.iso.datetime().optional().catch(undefined),
  spec: z
    .object({ network: z.string().catch(''), labels: z.record(z.string(), z.string()).catch({}) })
    .catch({ network: '', labels: {} }),
  run: z.object({ ports: z.array(PortMapping).catch([]) }).catch({ ports: [] }),
})
type Glimpse = z.infer<typeof Glimpse>

/**
 * Containers whose records cannot be read: broken ones, and those that a newer agent wrote. Each may run, so whatever object is
 * named in what is there of it counts as used.
 */
export class SetAside {
  readonly #found = new Map<string, SetAsideContainer & { names: ReadonlySet<string> }>()

  /** Takes in what is there of one: its record, and the runtime's document of it. */
  add(id: string, texts: readonly string[], writtenAt: string): SetAsideContainer {
    const seen = glimpse(texts[0] ?? '')
    const names = new Set(texts.flatMap((text) => text.match(/[0-9a-f]{64}/g) ?? []))
    const found = { id, name: seen.name ?? id.slice(0, 12), isNewer: seen.version > 1, seen, writtenAt, names }
    this.#found.set(id, found)
    return found
  }

  has(id: string): boolean {
    return this.#found.has(id)
  }

  get(id: string): SetAsideContainer | undefined {
    return this.#found.get(id)
  }

  forget(id: string): void {
    this.#found.delete(id)
  }

  all(): SetAsideContainer[] {
    return [...this.#found.values()]
  }

  /** Whether one of them has this name or id. */
  isNamed(ref: string): boolean {
    return this.all().some(({ id, name }) => id === ref || name === ref)
  }

  /** By id, name or a beginning of the id; undefined where it fits none, or several. */
  find(ref: string): SetAsideContainer | undefined {
    const exact = this.#found.get(ref) ?? this.all().find(({ name }) => name === ref)
    if (exact !== undefined) return exact
    const [first, ...more] = this.all().filter(({ id }) => beginsId(id, ref))
    return more.length === 0 ? first : undefined
  }

  /** Those that may use the object with this full id. */
  usersOf(objectId: string): SetAsideContainer[] {
    return [...this.#found.values()].filter(({ names }) => names.has(objectId))
  }
}

function glimpse(text: string): Glimpse {
  return Glimpse.parse(parsed(text))
}

function parsed(text: string): unknown {
  try {
    const value: unknown = JSON.parse(text)
    return typeof value === 'object' && value !== null ? value : {}
  } catch {
    return {} // torn: it tells nothing of itself
  }
}

/** Its row in the list: that it is there, and why no more is known of it. */
export function toSetAsideRow(
  { engineId, networks }: { engineId: string; networks: readonly string[] },
  container: SetAsideContainer,
): Container {
  const { id, name, seen, writtenAt } = container
  const { image, imageId, spec, run, createdAt = writtenAt } = seen
  return {
    ...{ id, engine: engineId, name, image, imageId, command: [], state: 'unknown' },
    ...reasonFields('stateReason', becauseOf(refusedForRecord(container))),
    ...{ exitCode: null, oomKilled: false, createdAt, startedAt: null, finishedAt: null, restartCount: 0 },
    ...{ ports: run.ports, network: spec.network, labels: spec.labels, tty: false, createdByFlotilla: true },
    ...(networks.length === 0 ? {} : { networks: [...networks] }),
  }
}

/** Why nothing but its removal is done to one. */
export const refusedForRecord = ({ id, name, isNewer }: SetAsideContainer): FlotillaError =>
  fail(isNewer ? 'container.recordNewer' : 'container.recordDamaged', { name }, { objects: namedContainers([id]) })
