import type { Database } from '@flotilla/db'
import type { Actor } from './actor.ts'
import type { IdentityService } from './identity.ts'

export interface Credentials {
  cookie: string | undefined
  authorization: string | undefined
}

const rememberedMs = 1000
const mostRemembered = 5000

/**
 * Who stands behind a request. An answer is remembered for a second, so that a right that was withdrawn ends within two
 * wherever it was withdrawn: here, by the command line, or in another control plane.
 */
export class Actors {
  readonly #db: Database
  readonly #identity: IdentityService
  readonly #remembered = new Map<string, { until: number; actor: Promise<Actor | null> }>()

  constructor(db: Database, identity: IdentityService) {
    this.#db = db
    this.#identity = identity
  }

  /** A bearer key counts before a cookie, and a bad one is nobody, whatever cookie comes with it. */
  find({ cookie, authorization }: Credentials): Promise<Actor | null> {
    if (authorization !== undefined) return this.#remember(`key ${authorization}`, () => this.#byKey(authorization))
    if (cookie !== undefined) return this.#remember(`cookie ${cookie}`, () => this.#byCookie(cookie))
    return Promise.resolve(null)
  }

  /** Forgets all answers, at a change of who may do what. */
  forget(): void {
    this.#remembered.clear()
  }

  #remember(key: string, ask: () => Promise<Actor | null>): Promise<Actor | null> {
    const now = performance.now()
    const known = this.#remembered.get(key)
    if (known !== undefined && known.until > now) return known.actor
    if (this.#remembered.size >= mostRemembered) this.#remembered.clear()
    const actor = ask()
    this.#remembered.set(key, { until: now + rememberedMs, actor })
    actor.catch(() => this.#remembered.delete(key))
    return actor
  }

  async #byKey(authorization: string): Promise<Actor | null> {
    const [scheme, key, ...rest] = authorization.split(' ')
    if (scheme?.toLowerCase() !== 'bearer' || key === undefined || rest.length > 0) return null
    const found = await this.#db.apiKeys.verify(key)
    if (found === null) return null
    const actor = await this.#member(found.userId, { kind: 'key', keyId: found.id, signedInAt: null })
    return actor?.organisationId === found.organisationId ? actor : null
  }

  async #byCookie(cookie: string): Promise<Actor | null> {
    const person = await this.#identity.personOf(cookie)
    if (person === null) return null
    return this.#member(person.userId, { kind: 'session', keyId: null, signedInAt: person.signedInAt })
  }

  async #member(userId: string, how: Pick<Actor, 'kind' | 'keyId' | 'signedInAt'>): Promise<Actor | null> {
    const membership = await this.#db.access.membershipOf(userId)
    if (membership === null) return null
    const { name, email, organisationId, role } = membership
    return { ...how, userId, name, email, organisationId, role }
  }
}
