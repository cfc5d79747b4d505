import { mkdir, readdir, readFile, rm } from 'node:fs/promises'
import { join } from 'node:path'
import { removeUnfinished, writeFileAtomic } from '@flotilla/host'
import { beginsId, fail } from '@flotilla/protocol'
import { StoredNetwork } from './stored-network.ts'

/** The networks that people made, one file each, synced to the disk: they outlive the machine's run. */
export class NetworkStore {
  readonly #folder: string
  readonly #default: StoredNetwork
  readonly #networks: Map<string, StoredNetwork>

  private constructor(folder: string, own: StoredNetwork, networks: Map<string, StoredNetwork>) {
    this.#folder = folder
    this.#default = own
    this.#networks = networks
  }

  /** One that cannot be read is told and left where it is; it keeps no other. */
  static async open(
    folder: string,
    own: StoredNetwork,
    log: { warn(fields: object, message: string): void },
  ): Promise<NetworkStore> {
    await mkdir(folder, { recursive: true, mode: 0o700 })
    await removeUnfinished(folder)
    const networks = new Map<string, StoredNetwork>()
    for (const name of await readdir(folder)) {
      const path = join(folder, name)
      if (!name.endsWith('.json')) continue
      try {
        const network = StoredNetwork.parse(JSON.parse(await readFile(path, 'utf8')))
        networks.set(network.id, network)
      } catch (error) {
        log.warn(
          { err: error, path },
          'the file of a network is damaged; its containers do not start until it is whole',
        )
      }
    }
    return new NetworkStore(folder, own, networks)
  }

  get default(): StoredNetwork {
    return this.#default
  }

  all(): StoredNetwork[] {
    return [this.#default, ...this.#networks.values()]
  }

  get(id: string): StoredNetwork | undefined {
    return id === this.#default.id ? this.#default : this.#networks.get(id)
  }

  /** By id, name or twelve or more first digits of the id that are no other's. Throws NOT_FOUND, or CONFLICT with the candidates. */
  find(ref: string): StoredNetwork {
    const all = this.all()
    const exact = this.get(ref) ?? all.find(({ name }) => name === ref)
    if (exact !== undefined) return exact
    const found = all.filter(({ id }) => beginsId(id, ref))
    if (found.length > 1) {
      const names = found.map(({ id }) => id.slice(0, 12)).join(', ')
      throw fail('network.ambiguous', { ref, names })
    }
    const [only] = found
    if (only === undefined) throw fail('network.notFound', { ref })
    return only
  }

  async save(network: StoredNetwork): Promise<void> {
    await writeFileAtomic(join(this.#folder, `${network.id}.json`), JSON.stringify(network), { durable: true })
    this.#networks.set(network.id, network)
  }

  async remove(id: string): Promise<void> {
    await rm(join(this.#folder, `${id}.json`), { force: true })
    this.#networks.delete(id)
  }
}
