import type { Readable } from 'node:stream'
import { type FlotillaError, fail } from '@flotilla/protocol'
import { frameHeaderBytes, frameKind, parseJson, tooLarge } from './frames.ts'
import type { Limits } from './limits.ts'

/** What a frame holds: bytes as they come (a long frame in several pieces), or one JSON value, whose text where it is unparsed. */
export type Piece = { bytes: Buffer } | { json: unknown }

/** Bytes of JSON that wait for their rest, over all calls of one link. */
export interface JsonBudget {
  held: number
}

/** A JSON frame whose rest has not come. */
interface HalfJson {
  readonly length: number
  held: number
  /** What is held, and room for as much again at most: a sender may cut a frame into single bytes. */
  payload: Buffer
}

/**
 * Cuts a stream into frames. It reads only when asked, so that HTTP/2's window holds the sender back, and it never
 * destroys the stream: that would reset it, and lose the trailers.
 */
export class FrameReader {
  readonly #stream: Readable
  readonly #limits: Limits
  readonly #budget: JsonBudget
  readonly #unparsed: boolean
  #buffer: Buffer = Buffer.alloc(0)
  /** Bytes left of the bytes frame under way. */
  #rest = 0
  #json: HalfJson | undefined
  #ended = false
  #failure: Error | undefined
  #wake: (() => void) | undefined
  #drained: ((bytes: number) => void) | undefined
  #draining = false

  /** `unparsed` gives JSON frames as their text: for who only passes them on. */
  constructor(stream: Readable, limits: Limits, budget: JsonBudget, unparsed = false) {
    this.#unparsed = unparsed
    this.#stream = stream
    this.#limits = limits
    this.#budget = budget
    stream.on('readable', () => (this.#draining ? this.#discard() : this.#wake?.()))
    stream.on('end', () => {
      this.#ended = true
      this.#wake?.()
    })
    stream.on('close', () => {
      if (!this.#ended) this.fail(fail('link.lostInCall'))
      this.#release()
    })
  }

  /** Whether the sender has half-closed and everything was read. */
  get ended(): boolean {
    return this.#ended
  }

  /** The next piece, or undefined at the end. Throws what `fail` was given. */
  async next(): Promise<Piece | undefined> {
    for (;;) {
      if (this.#failure !== undefined) throw this.#failure
      const piece = this.#take()
      if (piece !== undefined) return piece
      const chunk = this.#stream.read() as Buffer | null
      if (chunk !== null) this.#buffer = this.#buffer.length === 0 ? chunk : Buffer.concat([this.#buffer, chunk])
      else if (this.#ended) return this.#end()
      else {
        await new Promise<void>((resolve) => {
          this.#wake = resolve
        })
        this.#wake = undefined
      }
    }
  }

  /** Ends every wait with this error; the first error stays. */
  fail(error: Error): void {
    this.#failure ??= error
    this.#wake?.()
  }

  /** Throws away whatever still comes, so that the stream can end; `seen` is told how much. */
  drain(seen?: (bytes: number) => void): void {
    this.#draining = true
    this.#drained = seen
    this.#release()
    this.#discard()
  }

  #discard(): void {
    for (;;) {
      const chunk = this.#stream.read() as Buffer | null
      if (chunk === null) return
      this.#drained?.(chunk.length)
    }
  }

  #take(): Piece | undefined {
    for (;;) {
      if (this.#json !== undefined) return this.#takeJson(this.#json)
      if (this.#rest > 0) {
        if (this.#buffer.length === 0) return undefined
        const bytes = this.#shift(Math.min(this.#rest, this.#buffer.length))
        this.#rest -= bytes.length
        return { bytes }
      }
      if (this.#buffer.length < frameHeaderBytes) return undefined
      const header = this.#shift(frameHeaderBytes)
      this.#begin(header.readUInt8(0), header.readUInt32BE(1))
    }
  }

  #begin(kind: number, length: number): void {
    if (kind === frameKind.bytes) this.#rest = length
    else if (kind !== frameKind.json) throw broken(`a frame of the unknown kind ${kind}`)
    else if (length > this.#limits.jsonBytes) throw tooLarge(length, this.#limits.jsonBytes)
    else this.#json = { length, held: 0, payload: Buffer.alloc(0) }
  }

  #takeJson(json: HalfJson): Piece | undefined {
    if (this.#buffer.length === 0 && json.length > 0) return undefined
    const part = this.#shift(Math.min(json.length - json.held, this.#buffer.length))
    const isWhole = part.length === json.length
    if (!isWhole) hold(json, part)
    json.held += part.length
    if (json.held < json.length) {
      this.#budget.held += part.length
      if (this.#budget.held <= this.#limits.jsonBudget) return undefined
      throw fail('link.manyLarge')
    }
    this.#budget.held -= json.held - part.length
    this.#json = undefined
    const payload = isWhole ? part : json.payload.subarray(0, json.length)
    return { json: this.#unparsed ? payload : parseJson(payload, this.#limits.jsonDepth) }
  }

  #shift(length: number): Buffer {
    const used = this.#buffer.subarray(0, length)
    this.#buffer = this.#buffer.subarray(length)
    return used
  }

  #end(): undefined {
    if (this.#buffer.length > 0 || this.#rest > 0 || this.#json !== undefined) throw broken('half a frame')
    return undefined
  }

  #release(): void {
    if (this.#json !== undefined) this.#budget.held -= this.#json.held
    this.#json = undefined
  }
}

function hold(json: HalfJson, part: Buffer): void {
  const needed = json.held + part.length
  if (needed > json.payload.length) {
    const larger = Buffer.allocUnsafe(Math.min(json.length, 2 * needed))
    json.payload.copy(larger, 0, 0, json.held)
    json.payload = larger
  }
  part.copy(json.payload, json.held)
}

function broken(what: string): FlotillaError {
  return fail('link.sentWrong', { what })
}
