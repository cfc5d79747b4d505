/** One object that refers to others, by its platform id. */
interface Source {
  readonly kind: string
  readonly targets: readonly string[]
}

/** Who refers to whom among the objects of one host, kept the other way round as well: what uses this, and how much does. */
export class References {
  readonly #sources = new Map<string, Source>()
  readonly #users = new Map<string, Map<string, Set<string>>>()

  /** Takes in what an object refers to now; nothing where it is gone. Answers the objects whose users are others by it. */
  set(source: string, kind: string, targets: readonly string[]): string[] {
    const before = this.#sources.get(source)?.targets ?? []
    const lost = before.filter((target) => !targets.includes(target))
    const won = targets.filter((target) => !before.includes(target))
    for (const target of lost) this.#usersOf(target, kind).delete(source)
    for (const target of won) this.#usersOf(target, kind).add(source)
    for (const target of lost) this.#forgetEmpty(target)
    if (targets.length === 0) this.#sources.delete(source)
    else this.#sources.set(source, { kind, targets })
    return [...lost, ...won]
  }

  /** The platform ids of the objects of a kind that refer to it. */
  users(target: string, kind: string): ReadonlySet<string> {
    return this.#users.get(target)?.get(kind) ?? none
  }

  #usersOf(target: string, kind: string): Set<string> {
    const byKind = this.#users.get(target) ?? new Map<string, Set<string>>()
    this.#users.set(target, byKind)
    const users = byKind.get(kind) ?? new Set<string>()
    byKind.set(kind, users)
    return users
  }

  #forgetEmpty(target: string): void {
    const byKind = this.#users.get(target)
    if (byKind === undefined) return
    for (const [kind, users] of byKind) if (users.size === 0) byKind.delete(kind)
    if (byKind.size === 0) this.#users.delete(target)
  }
}

const none: ReadonlySet<string> = new Set()
