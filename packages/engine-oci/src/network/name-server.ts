import { createHash } from 'node:crypto'
import { readdir, readFile, rm } from 'node:fs/promises'
import { connect, type Socket } from 'node:net'
import { fail } from '@flotilla/protocol'
import { isAbsent, readLine, startLasting } from './lasting-program.ts'
import { nameServerBoot, nameServerScript } from './name-server-script.ts'

export interface NameServerOptions {
  /** Of its socket, at most 107 bytes. */
  path: string
  port?: number
  /** Names the servers that are asked what is no container's. */
  resolvConf?: string
  /** Another program than this version's, as an agent of another version brings it. */
  program?: string
  /** After so long without an answer, milliseconds, it is ended and started anew. */
  answerMs?: number
}

/** What a server said of itself. */
interface State {
  version: string
  /** Of its table. */
  digest: string
  /** Addresses that it could not take, each with the system's error number: `10.89.0.1,98`. */
  unbound: string[]
}

const digestOf = (text: string) => createHash('sha256').update(text).digest('hex').slice(0, 16)
/** Port 53 is all that it may beside what anybody may. */
const privileges = ['-all,+net_bind_service']
const plainUser = [
  ...['setpriv', '--reuid', '65534', '--regid', '65534', '--clear-groups', '--no-new-privs'],
  ...['--inh-caps', '--ambient-caps', '--bounding-set'].flatMap((each) => [each, ...privileges]),
]

/**
 * The process that answers the names of an instance's containers. It is started with the first table, outlives the agent, and goes on
 * by its last table meanwhile; the next agent finds it by its socket, and takes over from one of another version without a gap.
 */
export class NameServer {
  readonly #path: string
  readonly #program: string
  readonly #version: string
  readonly #arguments: readonly string[]
  readonly #answerMs: number

  constructor(options: NameServerOptions) {
    const { path, port = 53, resolvConf = '/etc/resolv.conf', program = nameServerScript } = options
    this.#path = path
    this.#program = program
    this.#version = digestOf(program)
    this.#arguments = [this.#version, path, String(port), resolvConf]
    this.#answerMs = options.answerMs ?? 5000
  }

  /** Makes names those of a table, by a process that is started where there is none. Gives the addresses that it could not take. */
  async serve(table: string, signal?: AbortSignal): Promise<string[]> {
    for (let tries = 0; ; tries += 1) {
      try {
        const unbound = await this.#serve(table, signal)
        // Its socket was taken away from one that has the addresses still.
        const isDoubled = unbound.length > 0 && tries === 0 && (await this.#processes()).length > 1
        if (!isDoubled) return unbound
        await this.#kill()
      } catch (error) {
        if (signal?.aborted === true || tries > 2) throw signal?.aborted === true ? error : unavailable(error)
        if (codeOf(error) === 'ETIMEDOUT') await this.#kill()
        else if (!isAbsent(error)) throw error
        else if (isNobody(error)) await this.#start()
      }
    }
  }

  /** Whether it is there, of this version, and has all of a table. One that does not answer is ended. */
  async isServing(table: string, signal?: AbortSignal): Promise<boolean> {
    try {
      const state = await this.#talk((socket) => this.#ask(socket, 'look\n'), signal)
      return state.version === this.#version && state.digest === digestOf(table) && state.unbound.length === 0
    } catch (error) {
      if (signal?.aborted === true) throw error
      if (codeOf(error) === 'ETIMEDOUT') await this.#kill()
      return false
    }
  }

  /** For when nobody is left to ask it. Nothing to end is no error. */
  async end(): Promise<void> {
    try {
      await this.#talk((socket) => this.#ask(socket, 'end\n'))
    } catch (error) {
      // The end of the connection is what says that it has ended.
      if (!isAbsent(error)) await this.#kill()
    }
    await rm(this.#path, { force: true })
  }

  async #serve(table: string, signal?: AbortSignal): Promise<string[]> {
    const body = Buffer.from(table)
    const command = Buffer.concat([Buffer.from(`serve ${this.#version} ${digestOf(table)} ${body.length}\n`), body])
    const state = await this.#talk((socket) => this.#ask(socket, command), signal)
    if (state.version === this.#version) return state.unbound
    const next = await this.#talk(async (socket) => {
      socket.write(`become ${this.#version} ${Buffer.byteLength(this.#program)}\n${this.#program}`)
      await readLine(socket, this.#answerMs)
      return this.#ask(socket, command)
    }, signal)
    return next.unbound
  }

  async #ask(socket: Socket, command: string | Buffer): Promise<State> {
    socket.write(command)
    const [, version = '', digest = '', ...unbound] = (await readLine(socket, this.#answerMs)).split(' ')
    return { version, digest, unbound }
  }

  async #talk<T>(work: (socket: Socket) => Promise<T>, signal?: AbortSignal): Promise<T> {
    const socket = connect({ path: this.#path, ...(signal === undefined ? {} : { signal }) })
    try {
      return await work(socket)
    } finally {
      socket.destroy()
    }
  }

  async #start(): Promise<void> {
    const perl = ['perl', '-e']
    const server = [...perl, this.#program, ...this.#arguments]
    // Who is not root has nothing to give away.
    const command = process.getuid?.() === 0 ? [...plainUser, ...server] : server
    try {
      await startLasting([...perl, nameServerBoot, this.#path, ...command])
    } catch (error) {
      throw unavailable(error)
    }
  }

  /** Ends those that do not answer, a stopped one for instance. */
  async #kill(): Promise<void> {
    for (const pid of await this.#processes()) {
      try {
        process.kill(pid, 'SIGKILL')
      } catch (error) {
        if (codeOf(error) !== 'ESRCH') throw error
      }
    }
  }

  async #processes(): Promise<number[]> {
    const found: number[] = []
    for (const name of await readdir('/proc')) {
      if (!/^\d+$/.test(name)) continue
      const words = (await readFile(`/proc/${name}/cmdline`, 'utf8').catch(() => '')).split('\0') // it may have ended
      if (words[0] === 'perl' && words[1] === '-e' && words[4] === this.#path) found.push(Number(name))
    }
    return found
  }
}

const codeOf = (error: unknown) => (error instanceof Error && 'code' in error ? error.code : undefined)
/** Beside one that ended in the middle, which is asked for once more: nobody is there to be asked. */
const isNobody = (error: unknown) => codeOf(error) === 'ENOENT' || codeOf(error) === 'ECONNREFUSED'

function unavailable(cause: unknown) {
  return fail('network.noNameServer', {}, { cause, detail: cause instanceof Error ? cause.message : '' })
}
