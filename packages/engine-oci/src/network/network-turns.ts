import { Queue } from '@flotilla/async'
import { longestUnderWay } from '@flotilla/host'
import { because, type Reason } from '@flotilla/protocol'
import { portsHolder } from './port-keeper.ts'

/** What takes so long is shown: usually a whole change takes a tenth. */
const shownAfterMs = 2000

/** Programs of which each has a deadline of at most 20 s, by what a person knows them. */
const waitedFor: Readonly<Record<string, string>> = {
  netavark: 'netavark',
  'iptables-restore': 'the lock of iptables (iptables-restore)',
  'ip6tables-restore': 'the lock of iptables (ip6tables-restore)',
  'iptables-save': 'the lock of iptables (iptables-save)',
  'ip6tables-save': 'the lock of iptables (ip6tables-save)',
  nft: 'nft',
  conntrack: 'conntrack',
  ip: 'ip',
  bridge: 'bridge',
  ss: 'ss',
  unshare: 'unshare',
  umount: 'umount',
  [portsHolder]: portsHolder,
}

/**
 * Changes of an instance's links, leases and rules, one after the other: they are one thing. What the change hangs on that is under
 * way holds up all that come after it, so it is told to whoever looks at them.
 */
export class NetworkTurns {
  readonly #queue = new Queue()
  #beganAt: number | undefined

  run<Result>(work: () => Promise<Result>): Promise<Result> {
    return this.#queue.run(async () => {
      this.#beganAt = performance.now()
      try {
        return await work()
      } finally {
        this.#beganAt = undefined
      }
    })
  }

  /** What is waited for, if for longer than usual; null where all goes on. */
  get wait(): Reason | null {
    const beganAt = this.#beganAt
    if (beganAt === undefined) return null
    const found = longestUnderWay(
      shownAfterMs,
      (entry) => Object.hasOwn(waitedFor, entry.what) && entry.beganAt >= beganAt,
    )
    if (found === undefined) return null
    return because('bridge.waits', { what: waitedFor[found.what] ?? found.what, since: timeOf(found.since) })
  }
}

const timeOf = (date: Date): string => `${date.toISOString().slice(0, 19).replace('T', ' ')} UTC`
