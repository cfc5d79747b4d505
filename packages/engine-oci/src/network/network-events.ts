import { once } from 'node:events'
import { Socket } from 'node:net'
import { createInterface } from 'node:readline'
import { run, spawn } from '@flotilla/host'
import { antiSpoofingTable } from './anti-spoofing-rules.ts'
import { networkEventsScript } from './network-events-script.ts'

/** What may have changed since it was asked last. */
export interface NetworkChanges {
  /** Links, addresses or routes, whoever changed them. */
  links: boolean
  /** An instance's own rules, by somebody else. */
  rules: boolean
}

/** Without a word of changes all is looked at so often, milliseconds, and with it for what it may have missed. */
const unheardMs = 30_000
const heardMs = 5 * 60_000
const mostWriters = 64
/** Who ends sooner cannot run here. */
const shortMs = 5_000

/**
 * Hears of changes of links and rules from the kernel, by one process that sleeps meanwhile and ends with the agent. Where it cannot
 * run, and of rules of the first iptables, which tells of nothing, everything counts as changed now and then.
 */
export class NetworkEvents {
  readonly #instance: string
  readonly #changes: NetworkChanges = { links: true, rules: true }
  readonly #writers: number[] = []
  #child: ReturnType<typeof spawn> | undefined
  #areRulesHeard: Promise<boolean> | undefined
  #lastLook = 0
  /** Not before then is it started again: where it cannot run it would end each time. */
  #listenAt = 0

  constructor(instance: string) {
    this.#instance = instance
  }

  /** A process that writes our own rules: what it changes is no news. */
  readonly wrote = (pid: number): void => {
    this.#writers.push(pid)
    if (this.#writers.length > mostWriters) this.#writers.shift()
  }

  /** Whether the kernel tells of rules, and somebody listens. */
  async hearsRules(): Promise<boolean> {
    this.#areRulesHeard ??= tellsOfRules()
    return this.#child !== undefined && (await this.#areRulesHeard)
  }

  /** What is to be looked at now; begins to listen where nobody does. */
  async take(): Promise<NetworkChanges> {
    const areHeard = this.#listen() && (await this.hearsRules())
    const now = performance.now()
    const isDue = now - this.#lastLook >= (areHeard ? heardMs : unheardMs)
    if (isDue) this.#lastLook = now
    const { links, rules } = this.#changes
    this.#changes.links = this.#changes.rules = false
    return { links: links || isDue, rules: rules || isDue }
  }

  /** Looks again the next time; for what could not be looked at or mended. */
  retry({ links, rules }: NetworkChanges): void {
    this.#changes.links ||= links
    this.#changes.rules ||= rules
  }

  /** Waits for the end of the process. */
  async close(): Promise<void> {
    const child = this.#child
    this.#child = undefined
    if (child === undefined || child.exitCode !== null || child.signalCode !== null) return
    child.ref() // its end may be all that this process still waits for
    child.kill('SIGKILL')
    await once(child, 'exit')
  }

  /** Whether somebody listened already. */
  #listen(): boolean {
    if (this.#child !== undefined) return true
    const begun = performance.now()
    if (begun < this.#listenAt) return false
    const names = [`FLOTILLA-${this.#instance}-`, antiSpoofingTable(this.#instance)]
    const child = spawn(['perl', '-e', networkEventsScript, ...names], { stdio: ['pipe', 'pipe', 'ignore'] })
    this.#child = child
    const end = () => {
      if (this.#child !== child) return
      this.#child = undefined
      if (performance.now() - begun < shortMs) this.#listenAt = begun + heardMs
      else this.retry({ links: true, rules: true })
    }
    child.on('error', end)
    child.on('exit', end)
    child.stdin?.on('error', () => {}) // its end is told by `exit`
    if (child.stdout !== null) createInterface({ input: child.stdout }).on('line', (line) => this.#hear(line))
    child.unref()
    for (const stream of [child.stdin, child.stdout]) if (stream instanceof Socket) stream.unref()
    return false
  }

  #hear(line: string): void {
    const [word, pid] = line.split(' ')
    if (word === 'links') this.#changes.links = true
    if (word === 'rules' && !this.#writers.includes(Number(pid))) this.#changes.rules = true
  }
}

/** Whether iptables' rules are those of nftables, whose changes the kernel tells. */
async function tellsOfRules(): Promise<boolean> {
  const version = await run(['iptables', '--version'], { timeoutMs: 10_000 }).catch(() => null)
  return version?.stdout.toString().includes('nf_tables') === true
}
