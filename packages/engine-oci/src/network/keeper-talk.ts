import { connect, type Socket } from 'node:net'

interface Question {
  resolve: (answer: string) => void
  reject: (error: unknown) => void
}

/**
 * Asks the holder of ports: a line each, answered by a line. What is asked while something is under way goes over the same
 * connection, so that a thousand places take one, and no longer than their work does; it is closed when all is answered.
 */
export class KeeperTalk {
  readonly #path: string
  readonly #timeout: { ms: number; error: () => Error }
  #socket: Socket | undefined
  #pending: Question[] = []
  #text = ''

  /** `timeout`: how long it may be silent while something is asked, and what that is told as. */
  constructor(path: string, timeout: { ms: number; error: () => Error }) {
    this.#path = path
    this.#timeout = timeout
  }

  /** The answer to one line. Throws the system's error where nobody is there, or who was ended: nobody knows then what was done. */
  ask(line: string): Promise<string> {
    return new Promise((resolve, reject) => {
      this.#pending.push({ resolve, reject })
      this.#socket ??= this.#connect()
      this.#socket.write(`${line}\n`)
    })
  }

  #connect(): Socket {
    const socket = connect(this.#path)
    const lose = (error: unknown) => {
      if (this.#socket === socket) this.#lose(error)
    }
    socket.setTimeout(this.#timeout.ms, () => lose(this.#timeout.error()))
    socket.on('error', lose)
    socket.on('end', () => lose(Object.assign(new Error('the holder of ports ended'), { code: 'ECONNRESET' })))
    socket.on('data', (chunk: Buffer) => {
      if (this.#socket === socket) this.#hear(chunk.toString())
    })
    return socket
  }

  #hear(text: string): void {
    const lines = `${this.#text}${text}`.split('\n')
    this.#text = lines.pop() ?? ''
    for (const line of lines) this.#pending.shift()?.resolve(line)
    if (this.#pending.length === 0) this.#close()
  }

  #lose(error: unknown): void {
    const lost = this.#pending
    this.#close()
    for (const { reject } of lost) reject(error)
  }

  #close(): void {
    this.#socket?.destroy()
    this.#socket = undefined
    this.#pending = []
    this.#text = ''
  }
}
