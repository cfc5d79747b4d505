import type { IncomingMessage } from 'node:http'
import { BlockList, isIP, isIPv6 } from 'node:net'
import { fail } from '@flotilla/protocol'
import { isLoopbackAddress, plainAddress } from './connections.ts'

/** The proxies whose word counts for where a request comes from. */
export class TrustedProxies {
  readonly #list = new BlockList()
  readonly #isEmpty: boolean

  /** Addresses and networks (`192.0.2.7`, `10.0.0.0/8`). Throws INVALID_ARGUMENT for what is neither. */
  constructor(proxies: readonly string[]) {
    for (const proxy of proxies) {
      const [address = '', bits, ...rest] = proxy.split('/')
      const family = isIPv6(address) ? 'ipv6' : 'ipv4'
      const most = family === 'ipv6' ? 128 : 32
      const isRange = bits === undefined || (/^\d{1,3}$/.test(bits) && Number(bits) <= most)
      if (isIP(address) === 0 || !isRange || rest.length > 0) throw fail('server.badProxy', { proxy })
      this.#list.addSubnet(address, Number(bits ?? most), family)
    }
    this.#isEmpty = proxies.length === 0
  }

  has(address: string): boolean {
    return !this.#isEmpty && isIP(address) !== 0 && this.#list.check(address, isIPv6(address) ? 'ipv6' : 'ipv4')
  }

  /** Whether those who come from an address have nothing to do with each other: this machine's own, and a proxy's. */
  isShared(address: string): boolean {
    return isLoopbackAddress(address) || this.has(address)
  }

  /**
   * Where a request comes from: the connection's address or, where that is a trusted proxy's, the last one in `X-Forwarded-For`
   * that is no such proxy. What stands before that anybody may have written.
   */
  addressOf({ socket, headers }: IncomingMessage): string {
    let address = plainAddress(socket.remoteAddress)
    const forwarded = String(headers['x-forwarded-for'] ?? '').split(',')
    while (this.has(address)) {
      const before = plainAddress(forwarded.pop()?.trim())
      if (isIP(before) === 0) break
      address = before
    }
    return address
  }
}
