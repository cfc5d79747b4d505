import { mkdir, readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { writeFileAtomic } from '@flotilla/host'
import { createIdentity, type Identity } from '@flotilla/link'
import { fail } from '@flotilla/protocol'
import { z } from 'zod'

const StoredIdentity = z.object({ certPem: z.string(), keyPem: z.string(), fingerprint: z.string() })

/** A control plane whose key is pinned; with a URL this host dials it, without one it comes to this host over SSH. */
export const ControlPlane = z.object({
  url: z.string().nullable(),
  fingerprint: z.string(),
  joinedAt: z.iso.datetime(),
})
export type ControlPlane = z.infer<typeof ControlPlane>

/** This agent's key and the keys that it knows, in files that only root reads. */
export class IdentityStore {
  readonly #folder: string
  readonly identity: Identity
  #known: ControlPlane[]

  private constructor(folder: string, identity: Identity, known: ControlPlane[]) {
    this.#folder = folder
    this.identity = identity
    this.#known = known
  }

  /** Makes the key at the first start. Throws INTERNAL for a file that cannot be read: a new key would be a stranger's. */
  static async open(dataDir: string, name: string): Promise<IdentityStore> {
    const folder = join(dataDir, 'identity')
    await mkdir(folder, { recursive: true, mode: 0o700 })
    let identity = await readJson(join(folder, 'identity.json'), StoredIdentity, 'agent.badKey')
    if (identity === undefined) {
      identity = await createIdentity(name)
      await writeFileAtomic(join(folder, 'identity.json'), JSON.stringify(identity), { durable: true })
    }
    const known = await readJson(join(folder, 'control-planes.json'), z.array(ControlPlane), 'agent.badPlatforms')
    return new IdentityStore(folder, identity, known ?? [])
  }

  get controlPlanes(): readonly ControlPlane[] {
    return this.#known
  }

  trusts(fingerprint: string): boolean {
    return this.#known.some((one) => one.fingerprint === fingerprint)
  }

  async pin(controlPlane: ControlPlane): Promise<void> {
    const same = (one: ControlPlane) =>
      one.url === controlPlane.url && (one.url !== null || one.fingerprint === controlPlane.fingerprint)
    this.#known = [...this.#known.filter((one) => !same(one)), controlPlane]
    await this.#write()
  }

  /** Forgets the control plane that this host dials at the URL. */
  async unpin(url: string): Promise<void> {
    this.#known = this.#known.filter((one) => one.url !== url)
    await this.#write()
  }

  async #write(): Promise<void> {
    await writeFileAtomic(join(this.#folder, 'control-planes.json'), JSON.stringify(this.#known), { durable: true })
  }
}

async function readJson<T>(
  path: string,
  schema: z.ZodType<T>,
  trouble: 'agent.badKey' | 'agent.badPlatforms',
): Promise<T | undefined> {
  try {
    return schema.parse(JSON.parse(await readFile(path, 'utf8')))
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return undefined
    // What is wrong with its syntax is told with a piece of the text.
    throw fail(trouble, { path }, error instanceof SyntaxError ? {} : { cause: error })
  }
}
