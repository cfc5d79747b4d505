import http2, { type ClientHttp2Session } from 'node:http2'
import net from 'node:net'
import type { LinkEvent, RecordedCalls } from '@flotilla/testkit/frozen'
import { Exchange, kindOf } from './exchange.ts'

/** A recorded call, and the same made now. */
export interface Replayed {
  step: string
  path: string
  /** JSON frames, in order; bytes are the word `bytes`. */
  then: { frames: unknown[]; code: string | undefined }
  now: { frames: unknown[]; code: string | undefined }
  /** The caller ended the call before it had its outcome, so that this is chance. */
  left: boolean
}

/**
 * Makes recorded calls of the agent on the socket with nothing but HTTP/2: the recorded headers and bytes in their order,
 * each after all that was answered before it had come again. In the bytes only what an agent makes up is replaced, by what
 * this one made up in its place: ids, its epoch, the numbers of its changes and of streams.
 * Throws where a call does not answer what it did within 5 seconds.
 */
export async function replayCalls({ events }: RecordedCalls, socket: string): Promise<Replayed[]> {
  const replay = new Replay(events, socket)
  try {
    for (const event of events) await replay.go(event)
    return replay.outcome()
  } finally {
    replay.close()
  }
}

const keyOf = ({ link, stream }: LinkEvent): string => `${link}/${stream}`

class Replay {
  readonly #socket: string
  readonly #links = new Map<number, ClientHttp2Session>()
  readonly #exchanges = new Map<string, Exchange>()
  readonly #replayed = new Map<string, Replayed>()
  /** What the recorded agent made up, and this one in its place. */
  readonly #names = new Map<string, string>()
  readonly #codes: ReadonlyMap<string, string>

  constructor(events: readonly LinkEvent[], socket: string) {
    this.#socket = socket
    this.#codes = new Map(events.flatMap((event) => (event.is === 'answer-end' ? [[keyOf(event), event.code]] : [])))
  }

  async go(event: LinkEvent): Promise<void> {
    const key = keyOf(event)
    if (event.is === 'cut') return void this.#links.get(event.link)?.destroy()
    if (event.is === 'call') return this.#open(key, event)
    const [exchange, replayed] = [this.#exchanges.get(key), this.#replayed.get(key)]
    if (exchange === undefined || replayed === undefined) throw new Error(`The recording has no beginning of ${key}.`)
    const { then } = replayed
    switch (event.is) {
      case 'sent':
        return exchange.send(this.#rewritten(event.link, replayed.path, Buffer.from(event.data, 'base64')))
      case 'sent-end':
        replayed.left = then.code === undefined
        return exchange.end()
      case 'answer': {
        const frame = 'json' in event ? event.json : 'bytes'
        await exchange.hasAnswered(kindOf(frame))
        if (then.frames.length === 0) this.#learn(frame, exchange.frames[0])
        then.frames.push(frame)
        return
      }
      case 'answer-end':
        await exchange.hasEnded()
        then.code = event.code
    }
  }

  outcome(): Replayed[] {
    return [...this.#replayed].map(([key, replayed]) => {
      const { frames = [], code } = this.#exchanges.get(key) ?? {}
      return { ...replayed, now: { frames, code } }
    })
  }

  close(): void {
    for (const exchange of this.#exchanges.values()) exchange.close()
    for (const link of this.#links.values()) link.destroy()
  }

  #open(key: string, { link, step, headers }: Extract<LinkEvent, { is: 'call' }>): void {
    const session =
      this.#links.get(link) ?? http2.connect('http://agent', { createConnection: () => net.connect(this.#socket) })
    if (!this.#links.has(link)) session.on('error', () => {}) // its calls tell
    this.#links.set(link, session)
    const path = headers[':path'] ?? ''
    // The control plane asks again where it is faster than the journal; whether it was is chance.
    const again = path === '/agent/operations.watch' && this.#codes.get(key) === 'OK' ? 5 : 0
    this.#exchanges.set(
      key,
      new Exchange(`${step}: ${path}`, () => session.request(headers, { endStream: false }), again),
    )
    const nothing = { frames: [], code: undefined }
    this.#replayed.set(key, { step, path, then: { ...nothing, frames: [] }, now: nothing, left: false })
  }

  /** Ids and epochs are random, so a call's first answers name the same things. */
  #learn(then: unknown, now: unknown): void {
    if (typeof then === 'string' && typeof now === 'string') {
      if (/^[0-9a-f-]{32,64}$/.test(then) && !this.#names.has(then)) this.#names.set(then, now)
    } else if (typeof then === 'object' && then !== null && typeof now === 'object' && now !== null) {
      for (const [name, value] of Object.entries(then)) this.#learn(value, (now as Record<string, unknown>)[name])
    }
  }

  #rewritten(link: number, path: string, data: Buffer): Buffer {
    const frames: Buffer[] = []
    for (let at = 0; at < data.length; ) {
      const end = at + 5 + data.readUInt32BE(at + 1)
      const frame = data.subarray(at, end)
      frames.push(frame[0] === 1 ? this.#rewrittenJson(link, path, frame) : frame)
      at = end
    }
    return Buffer.concat(frames)
  }

  #rewrittenJson(link: number, path: string, frame: Buffer): Buffer {
    const before = frame.subarray(5).toString()
    let text = before
    for (const [then, now] of this.#names) text = text.replaceAll(then, now)
    if (path === '/-/cancel') text = String(this.#exchanges.get(`${link}/${text}`)?.id)
    if (path === '/agent/agent.watch')
      text = text.replace(/(?<="since":.*"sequence":)\d+/, String(this.#lastSequence()))
    if (text === before) return frame
    const rewritten = Buffer.from(`\u0001    ${text}`)
    rewritten.writeUInt32BE(rewritten.length - 5, 1)
    return rewritten
  }

  /** The number of the last change that came here. */
  #lastSequence(): number {
    const frames = [...this.#exchanges.values()].flatMap((exchange) => exchange.frames)
    const numbers = frames.flatMap((frame) =>
      typeof frame === 'object' && frame !== null && 'type' in frame && 'version' in frame
        ? [(frame.version as { sequence: number }).sequence]
        : [],
    )
    return Math.max(...numbers)
  }
}
