import { createSocket } from 'node:dgram'
import { once } from 'node:events'
import { connect } from 'node:net'

export const types = { A: 1, PTR: 12, TXT: 16, AAAA: 28 } as const
export type RecordType = keyof typeof types

/** An answer as its asker sees it. */
export interface Answer {
  id: number
  code: number
  truncated: boolean
  /** Texts of the records of the type that was asked for. */
  records: string[]
  bytes: Buffer
}

/** A question of a name (RFC 1035, 4.1); `size` says by EDNS how much an answer may have. */
export function question(name: string, type: RecordType = 'A', { id = 4711, size = 0 } = {}): Buffer {
  const head = Buffer.alloc(12)
  head.writeUInt16BE(id, 0)
  head.writeUInt16BE(0x0100, 2)
  head.writeUInt16BE(1, 4)
  head.writeUInt16BE(size > 0 ? 1 : 0, 10)
  const labels = name.split('.').map((label) => Buffer.from(`${String.fromCharCode(label.length)}${label}`, 'latin1'))
  const more = size > 0 ? [0, 0, 41, size >> 8, size & 255, 0, 0, 0, 0, 0, 0] : []
  return Buffer.concat([head, ...labels, Buffer.from([0, 0, types[type], 0, 1, ...more])])
}

/** The name of a message's one question, in small letters. */
export function nameIn(message: Buffer): string {
  const labels: string[] = []
  for (let at = 12; (message[at] ?? 0) > 0; at += (message[at] ?? 0) + 1) {
    labels.push(message.toString('latin1', at + 1, at + 1 + (message[at] ?? 0)))
  }
  return labels.join('.').toLowerCase()
}

const questionEnd = (message: Buffer) => message.indexOf(0, 12) + 5

/** An answer to a question as a server gives it, with one address of IPv4 or none. */
export function answerTo(asked: Buffer, { address = '', code = 0, truncated = false } = {}): Buffer {
  const flags = [0x81 | (truncated ? 2 : 0), 0x80 | code]
  const head = Buffer.from([...asked.subarray(0, 2), ...flags, 0, 1, 0, address === '' ? 0 : 1, 0, 0, 0, 0])
  const record = address === '' ? [] : [0xc0, 12, 0, 1, 0, 1, 0, 0, 0, 60, 0, 4, ...address.split('.').map(Number)]
  return Buffer.concat([head, asked.subarray(12, questionEnd(asked)), Buffer.from(record)])
}

export function readAnswer(bytes: Buffer): Answer {
  const type = bytes.readUInt16BE(questionEnd(bytes) - 4)
  const records: string[] = []
  let at = questionEnd(bytes)
  for (let left = bytes.readUInt16BE(6); left > 0; left -= 1) {
    const length = bytes.readUInt16BE(at + 10)
    const data = bytes.subarray(at + 12, at + 12 + length)
    if (bytes.readUInt16BE(at + 2) === type) records.push(textOf(type, data))
    at += 12 + length
  }
  const flags = bytes.readUInt16BE(2)
  return {
    id: bytes.readUInt16BE(0),
    code: flags & 15,
    truncated: (flags & 0x0200) > 0,
    records: records.sort(),
    bytes,
  }
}

function textOf(type: number, data: Buffer): string {
  if (type === types.A) return [...data].join('.')
  if (type === types.PTR) return nameIn(Buffer.concat([Buffer.alloc(12), data]))
  return data.toString('hex')
}

export interface Place {
  address: string
  port: number
}

/** One question by UDP from an address; null where no answer came in time. */
export async function askUdp(from: string, to: Place, message: Buffer, withinMs = 8000): Promise<Answer | null> {
  const socket = createSocket('udp4')
  try {
    socket.bind(0, from)
    await once(socket, 'listening')
    socket.send(message, to.port, to.address)
    const [bytes] = (await once(socket, 'message', { signal: AbortSignal.timeout(withinMs) })) as [Buffer]
    return readAnswer(bytes)
  } catch (error) {
    if (error instanceof Error && error.name === 'AbortError') return null
    throw error
  } finally {
    socket.close()
  }
}

/** Questions by one TCP connection, all sent at once, with their answers in turn. */
export async function askTcp(from: string, to: Place, messages: Buffer[], withinMs = 8000): Promise<Answer[]> {
  const socket = connect({ host: to.address, port: to.port, localAddress: from, timeout: withinMs })
  socket.on('timeout', () => socket.destroy())
  const framed = messages.flatMap((each) => [Buffer.from([each.length >> 8, each.length & 255]), each])
  socket.write(Buffer.concat(framed))
  let bytes = Buffer.alloc(0)
  const answers: Answer[] = []
  for await (const chunk of socket) {
    bytes = Buffer.concat([bytes, chunk as Buffer])
    while (bytes.length >= 2 && bytes.length >= 2 + bytes.readUInt16BE(0)) {
      const end = 2 + bytes.readUInt16BE(0)
      answers.push(readAnswer(bytes.subarray(2, end)))
      bytes = bytes.subarray(end)
    }
    if (answers.length === messages.length) break
  }
  return answers
}
