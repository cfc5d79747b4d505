import { connect, type Socket } from 'node:net'
import { constants } from 'node:os'
import { underWay } from '@flotilla/host'
import { type FlotillaError, fail } from '@flotilla/protocol'
import { KeeperTalk } from './keeper-talk.ts'
import { isAbsent, startLasting } from './lasting-program.ts'
import { portKeeperScript } from './port-keeper-script.ts'

/** One socket on the host. */
export interface HeldPlace {
  protocol: 'tcp' | 'udp'
  address: string
  port: number
}

export interface HoldRequest extends HeldPlace {
  /** The container's id. */
  key: string
  /** Where what reaches the socket itself is passed on to; null: nowhere. */
  target: { address: string; port: number } | null
}

/** What it is called where it is waited for. */
export const portsHolder = 'the holder of published ports'

const answerMs = 10_000

/** Without a port to hold it stays for so long after the last, for a container that is started next: it takes a while to start. */
const stayMs = 5 * 60_000

/**
 * The process that holds an instance's published ports. It is started when it is first needed and outlives the agent while it holds
 * any; the next agent finds it by its socket.
 */
export class PortKeeper {
  readonly #path: string
  readonly #talk: KeeperTalk
  #starting: Promise<void> | undefined
  /** While one is connected the process does not end by itself. */
  #guest: Socket | undefined
  #staying: NodeJS.Timeout | undefined

  /** `path`: of its socket, at most 107 bytes. */
  constructor(path: string) {
    this.#path = path
    this.#talk = new KeeperTalk(path, { ms: answerMs, error: () => unavailable('it did not answer in time') })
  }

  /**
   * Binds a port and answers with the real one; 0 gets a free one. The same again by its holder changes the target. Throws an
   * error with the system's `code`, EADDRINUSE say.
   */
  async hold({ key, protocol, address, port, target }: HoldRequest): Promise<number> {
    const to = target === null ? '- 0' : `${target.address} ${target.port}`
    const answer = await this.#ask(`hold ${key} ${protocol} ${address} ${port} ${to}`, true)
    this.#stay()
    const [word, value = ''] = answer.split(' ')
    if (word === 'ok') return Number(value)
    throw Object.assign(new Error(`a port could not be bound: ${answer}`), { code: errorCode(Number(value)) })
  }

  /** Gives a port back: another program can bind it when this answers. Idempotent. */
  async drop({ protocol, address, port }: HeldPlace): Promise<void> {
    this.#stay()
    await this.#ask(`drop ${protocol} ${address} ${port}`, false)
  }

  /** Gives all ports of a container back. Idempotent. */
  async forget(key: string): Promise<void> {
    this.#stay()
    await this.#ask(`forget ${key}`, false)
  }

  /** Lets the process end where it holds nothing. */
  async end(): Promise<void> {
    this.close()
    await this.#ask('end', false)
  }

  /** Lets go of the process, which ends within seconds where it holds nothing. */
  close(): void {
    clearTimeout(this.#staying)
    this.#guest?.destroy()
    this.#guest = undefined
  }

  #stay(): void {
    clearTimeout(this.#staying)
    this.#staying = setTimeout(() => this.close(), stayMs).unref()
    if (this.#guest !== undefined) return
    const guest = connect(this.#path).unref()
    guest.on('error', () => {}) // its end is told by `close`
    guest.on('close', () => {
      if (this.#guest === guest) this.#guest = undefined
    })
    this.#guest = guest
  }

  async list(): Promise<(HeldPlace & { key: string })[]> {
    const answer = await this.#ask('list', false)
    return answer
      .split(' ')
      .slice(1)
      .map((entry) => {
        const [key = '', protocol, address = '', port] = entry.split(',')
        return { key, protocol: protocol === 'udp' ? 'udp' : 'tcp', address, port: Number(port) }
      })
  }

  /** Whether the process is there. */
  async isThere(): Promise<boolean> {
    try {
      await this.#talk.ask('list')
      return true
    } catch (error) {
      if (isAbsent(error)) return false
      throw error
    }
  }

  /** With no process there is nothing held: then one is started for a hold alone. */
  async #ask(line: string, start: boolean): Promise<string> {
    for (let tries = 0; ; tries += 1) {
      try {
        return await underWay(portsHolder, () => this.#talk.ask(line))
      } catch (error) {
        if (!isAbsent(error)) throw error
        if (!start) return 'ok'
        if (tries > 1) throw unavailable('it ended as soon as it was started', error)
        await this.#start()
      }
    }
  }

  /** Once for all who found nobody there. */
  #start(): Promise<void> {
    this.#starting ??= startKeeper(this.#path).finally(() => {
      this.#starting = undefined
    })
    return this.#starting
  }
}

async function startKeeper(path: string): Promise<void> {
  try {
    await startLasting(['perl', '-e', portKeeperScript, path])
  } catch (error) {
    throw unavailable(error instanceof Error ? error.message : '', error)
  }
}

function errorCode(number: number): string {
  return Object.entries(constants.errno).find(([, value]) => value === number)?.[0] ?? `E${number}`
}

function unavailable(detail: string, cause?: unknown): FlotillaError {
  return fail(
    'port.noKeeper',
    {},
    {
      detail,
      cause,
    },
  )
}
