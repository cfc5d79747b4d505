import { randomBytes } from 'node:crypto'
import { run, runOk } from '@flotilla/host'
import type { Box, Boxes } from './boxes.ts'

const line = (text: string) => runOk(text.split(' '))

/**
 * A server behind a router whose link to the host takes fewer bytes than the server's own, and that tells nobody when a packet was
 * too large: who does not say from the start what fits gets nothing large.
 */
export class NarrowPath {
  readonly server: Box
  readonly address = '10.232.1.2'
  readonly link: string
  readonly #router: string
  readonly #namespace: string

  private constructor(boxes: Boxes, mark: string) {
    this.link = `np${mark}`
    this.#router = `router-${mark}`
    this.#namespace = `server-${mark}`
    this.server = boxes.adopt(`/run/netns/${this.#namespace}`)
  }

  static async make(boxes: Boxes, mtu: number): Promise<NarrowPath> {
    const path = new NarrowPath(boxes, randomBytes(3).toString('hex'))
    const [router, server, link] = [path.#router, path.#namespace, path.link]
    for (const each of [
      `ip netns add ${router}`,
      `ip netns add ${server}`,
      `ip link add ${link} mtu ${mtu} type veth peer name r0 mtu ${mtu} netns ${router}`,
      `ip -n ${router} link add r1 type veth peer name eth0 netns ${server}`,
      `ip address add 10.232.0.1/24 dev ${link}`,
      `ip link set ${link} up`,
      `ip -n ${router} address add 10.232.0.2/24 dev r0`,
      `ip -n ${router} address add 10.232.1.1/24 dev r1`,
      `ip -n ${router} link set r0 up`,
      `ip -n ${router} link set r1 up`,
      `ip netns exec ${router} iptables -A OUTPUT -p icmp -j DROP`,
      `ip -n ${server} link set lo up`,
      `ip -n ${server} address add ${path.address}/24 dev eth0`,
      `ip -n ${server} link set eth0 up`,
      `ip -n ${server} route add default via 10.232.1.1`,
      `ip route add 10.232.1.0/24 via 10.232.0.2 dev ${link}`,
    ]) {
      await line(each)
    }
    await runOk(['ip', 'netns', 'exec', router, 'sh', '-c', 'echo 1 >/proc/sys/net/ipv4/ip_forward'])
    return path
  }

  /** Makes it the host's way out where it has no other. */
  async beUplink(): Promise<void> {
    await line(`ip route add default via 10.232.0.2 dev ${this.link} metric 4000`)
  }

  async remove(): Promise<void> {
    await run(['ip', 'link', 'delete', this.link])
    for (const name of [this.#router, this.#namespace]) await run(['ip', 'netns', 'delete', name])
  }
}
