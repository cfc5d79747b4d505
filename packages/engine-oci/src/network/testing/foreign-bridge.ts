import { randomBytes } from 'node:crypto'
import { run, runOk } from '@flotilla/host'
import type { Box } from './boxes.ts'
import { type Boxes } from './boxes.ts'

const line = (text: string) => runOk(text.split(' '))

/** A bridge as another program makes for its containers, with one of these, in both families. */
export class ForeignBridge {
  readonly box: Box
  readonly #mark: string
  readonly #name: string
  readonly #namespace: string
  readonly #number: number

  private constructor(boxes: Boxes, prefix: string, number: number) {
    this.#mark = `${randomBytes(3).toString('hex')}${number}`
    this.#name = `${prefix}${this.#mark}`
    this.#namespace = `foreign-${this.#mark}`
    this.#number = number
    this.box = boxes.adopt(`/run/netns/${this.#namespace}`)
  }

  /** `isOfMachine`: with a link of the machine's own on it, as where the host's way out is a bridge. */
  static async make(
    boxes: Boxes,
    prefix: string,
    number: number,
    { isOfMachine = false } = {},
  ): Promise<ForeignBridge> {
    const made = new ForeignBridge(boxes, prefix, number)
    const [name, namespace, pair] = [made.#name, made.#namespace, made.#pair]
    const link = `${made.#tunnel} type vxlan id ${number} dstport ${4700 + number}`
    for (const each of [
      `ip link add ${name} type bridge`,
      `ip address add 10.231.${number}.1/24 dev ${name}`,
      `ip address add fd31:${number}::1/64 dev ${name} nodad`,
      `ip link set ${name} up`,
      `ip netns add ${namespace}`,
      `ip link add ${pair} type veth peer name eth0 netns ${namespace}`,
      `ip link set ${pair} master ${name} up`,
      `ip -n ${namespace} link set lo up`,
      `ip -n ${namespace} address add 10.231.${number}.2/24 dev eth0`,
      `ip -n ${namespace} address add fd31:${number}::2/64 dev eth0 nodad`,
      `ip -n ${namespace} link set eth0 up`,
      `ip -n ${namespace} route add default via 10.231.${number}.1`,
      `ip -n ${namespace} route add default via fd31:${number}::1`,
      ...(isOfMachine ? [`ip link add ${link}`, `ip link set ${made.#tunnel} master ${name} up`] : []),
    ]) {
      await line(each)
    }
    return made
  }

  get #tunnel(): string {
    return `vx${this.#mark}`
  }

  get #pair(): string {
    return `vf${this.#mark}`
  }

  /** Leads a port of the host to port 80 of the container, TCP and UDP; answers with what takes that back. */
  async publish(port: number): Promise<() => Promise<void>> {
    const rules = ['tcp', 'udp'].flatMap((protocol) => {
      const rule = `PREROUTING -p ${protocol} --dport ${port} -m addrtype --dst-type LOCAL -j DNAT --to-destination`
      const [four, six] = [`10.231.${this.#number}.2:80`, `[fd31:${this.#number}::2]:80`]
      return [`iptables -w -t nat %s ${rule} ${four}`, `ip6tables -w -t nat %s ${rule} ${six}`]
    })
    for (const rule of rules) await line(rule.replace('%s', '-A'))
    return async () => {
      for (const rule of rules) await line(rule.replace('%s', '-D'))
    }
  }

  async remove(): Promise<void> {
    for (const link of [this.#name, this.#pair, this.#tunnel]) await run(['ip', 'link', 'delete', link])
    await run(['ip', 'netns', 'delete', this.#namespace])
  }
}
