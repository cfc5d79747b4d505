import { csvFields } from './docker-mounts.ts'
import { type Draft, type NetworkDraft, newNetwork } from './draft.ts'

const modes = ['host', 'none'] as const
const shared = 'container:'

/**
 * What a `docker run` line says of networks. Its `--network-alias`, `--ip` and `--ip6` are about the first network, wherever they
 * stand, so that all is put into the form at the line's end.
 */
export class NetworkOptions {
  #mode: (typeof modes)[number] | `container:${string}` | null = null
  readonly #networks: NetworkDraft[] = []
  readonly #ofFirst: { name: string; value: string }[] = []

  /** Takes an option by its long name; false where it is about no network, or there is no place for it. */
  take(name: string, value: string): boolean | string {
    if (['--network-alias', '--net-alias', '--ip', '--ip6'].includes(name)) this.#ofFirst.push({ name, value })
    else if (name !== '--network' || value === '') return false
    else return this.#network(value)
    return true
  }

  #network(value: string): boolean | string {
    const mode = modes.find((each) => each === value)
    if (mode !== undefined) this.#mode = mode
    else if (value.startsWith(shared)) this.#mode = `container:${value.slice(shared.length)}`
    else if (value.includes('=')) return this.#fields(value)
    else this.#networks.push(newNetwork(value === 'default' ? 'bridge' : value))
    return true
  }

  /** `name=shop,alias=db,ip=10.0.0.9` */
  #fields(value: string): boolean | string {
    const network = newNetwork()
    const left: string[] = []
    for (const field of csvFields(value) ?? []) {
      const at = field.indexOf('=')
      const [name, text] = [field.slice(0, at), field.slice(at + 1)]
      if (name === 'name') network.network = text
      else if (name === 'alias') addAlias(network, text)
      else if (name === 'ip') network.ipv4 = text
      else if (name === 'ip6') network.ipv6 = text
      else left.push(field)
    }
    if (network.network === '') return false
    this.#networks.push(network)
    return left.length === 0 ? true : left.join(',')
  }

  /** Fills the form, and answers what has no place beside the rest, as it was written. */
  into(draft: Draft): string[] {
    if (this.#mode !== null) {
      const isShared = this.#mode.startsWith(shared)
      draft.network = isShared ? 'container' : (modes.find((mode) => mode === this.#mode) ?? 'none')
      draft.sharedWith = isShared ? this.#mode.slice(shared.length) : ''
      return [
        ...this.#networks.map(({ network }) => `--network ${network}`),
        ...this.#ofFirst.map(({ name, value }) => `${name} ${value}`),
      ]
    }
    const first = (this.#networks[0] ??= newNetwork('bridge'))
    for (const { name, value } of this.#ofFirst) {
      if (name === '--ip') first.ipv4 = value
      else if (name === '--ip6') first.ipv6 = value
      else addAlias(first, value)
    }
    const isDefault = this.#networks.length === 1 && first.network === 'bridge'
    draft.networks = isDefault && first.aliases + first.ipv4 + first.ipv6 === '' ? [] : this.#networks
    return []
  }
}

function addAlias(network: NetworkDraft, alias: string): void {
  network.aliases = `${network.aliases} ${alias}`.trim()
}
