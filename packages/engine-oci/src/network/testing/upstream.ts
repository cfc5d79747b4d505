import { randomBytes } from 'node:crypto'
import { createSocket } from 'node:dgram'
import { once } from 'node:events'
import { createServer, type Socket } from 'node:net'
import { answerTo, nameIn } from './dns-message.ts'

/** A question that a server got, and how it came. */
export interface Asked {
  name: string
  id: number
  port: number
  protocol: 'udp' | 'tcp'
}

/** What a server sends for a question; it may be several messages, later ones, or none. */
export type Respond = (question: Buffer, send: (answer: Buffer) => void) => void

const anyAddress = () => `127.${[...randomBytes(3)].map((byte) => 2 + (byte % 250)).join('.')}`

/** A server of names as a host has one: unless told otherwise it answers every question with one address. It keeps what it was asked. */
export class Upstream {
  static readonly answer = '192.0.2.99'
  readonly address: string
  readonly asked: Asked[] = []
  respond: Respond = (question, send) => send(answerTo(question, { address: Upstream.answer }))
  readonly #udp = createSocket('udp4')
  readonly #tcp = createServer((socket) => this.#hear(socket))
  readonly #sockets = new Set<Socket>()

  private constructor(address: string) {
    this.address = address
  }

  /** At an address of its own unless told otherwise, for others are open beside it. */
  static async open(address = anyAddress(), port = 53): Promise<Upstream> {
    const upstream = new Upstream(address)
    upstream.#udp.on('message', (question, from) => {
      upstream.#note(question, from.port, 'udp')
      upstream.respond(question, (answer) => upstream.#udp.send(answer, from.port, from.address))
    })
    upstream.#udp.bind(port, address)
    await once(upstream.#udp, 'listening')
    upstream.#tcp.listen(port, address)
    await once(upstream.#tcp, 'listening')
    return upstream
  }

  names(): string[] {
    return this.asked.map(({ name }) => name)
  }

  close(): void {
    this.#udp.close()
    this.#tcp.close()
    for (const socket of this.#sockets) socket.destroy()
  }

  #note(question: Buffer, port: number, protocol: 'udp' | 'tcp'): void {
    this.asked.push({ name: nameIn(question), id: question.readUInt16BE(0), port, protocol })
  }

  #hear(socket: Socket): void {
    this.#sockets.add(socket)
    socket.on('error', () => {}) // who asked is gone
    let bytes = Buffer.alloc(0)
    socket.on('data', (chunk: Buffer) => {
      bytes = Buffer.concat([bytes, chunk])
      if (bytes.length < 2 || bytes.length < 2 + bytes.readUInt16BE(0)) return
      const question = bytes.subarray(2)
      this.#note(question, socket.remotePort ?? 0, 'tcp')
      this.respond(question, (answer) => {
        socket.write(Buffer.concat([Buffer.from([answer.length >> 8, answer.length & 255]), answer]))
      })
    })
  }
}
