import { z } from 'zod'

/** A container whose record this agent cannot read, as far as it can be told. */
export interface SetAsideContainer {
  id: string
  /** The beginning of its id where its record tells no name. */
  name: string
}

/** What is looked for in a record of which nothing else is sure. */
const Glimpse = z.object({ version: z.number().catch(0), name: z.string().min(1).optional().catch(undefined) })
type Glimpse = z.infer<typeof Glimpse>

/**
 * Containers whose records cannot be read: broken ones, and those that a newer agent wrote. Each may run, so whatever object is
 * named in what is there of it counts as used.
 */
export class SetAside {
  readonly #found = new Map<string, SetAsideContainer & { names: ReadonlySet<string> }>()

  /** Takes in what is there of one: its record, and the runtime's document of it. */
  add(id: string, texts: readonly string[]): { name: string; isNewer: boolean } {
    const { name = id.slice(0, 12), version } = glimpse(texts[0] ?? '')
    const names = new Set(texts.flatMap((text) => text.match(/[0-9a-f]{64}/g) ?? []))
    this.#found.set(id, { id, name, names })
    return { name, isNewer: version > 1 }
  }

  has(id: string): boolean {
    return this.#found.has(id)
  }

  all(): SetAsideContainer[] {
    return [...this.#found.values()]
  }

  /** Whether one of them has this name or id. */
  isNamed(ref: string): boolean {
    return this.all().some(({ id, name }) => id === ref || name === ref)
  }

  /** Those that may use the object with this full id. */
  usersOf(objectId: string): SetAsideContainer[] {
    return [...this.#found.values()].filter(({ names }) => names.has(objectId))
  }
}

function glimpse(text: string): Glimpse {
  try {
    const seen = Glimpse.safeParse(JSON.parse(text))
    return seen.success ? seen.data : { version: 0 }
  } catch {
    return { version: 0 } // torn: it tells nothing of itself
  }
}
