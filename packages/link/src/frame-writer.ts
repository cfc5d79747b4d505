import type { Writable } from 'node:stream'
import { frameHeader, frameHeaderBytes, frameKind, jsonFrame } from './frames.ts'

const coalesceBytes = 16 * 1024

/** Sends frames, several in one write: at 16 KB or at the end of the event loop's turn, whatever comes first. */
export class FrameWriter {
  readonly #stream: Writable
  readonly #maxJson: number
  #parts: Buffer[] = []
  #size = 0
  #scheduled: NodeJS.Immediate | undefined
  #stopped = false
  #wake: (() => void)[] = []

  constructor(stream: Writable, maxJson: number) {
    this.#stream = stream
    this.#maxJson = maxJson
    stream.on('drain', () => this.#wakeAll())
    stream.on('close', () => this.stop())
  }

  /** Sends a JSON frame; waits where the other side does not read. */
  json(value: unknown): Promise<void> | undefined {
    return this.#add(jsonFrame(value, this.#maxJson))
  }

  /** Sends a bytes frame; the bytes must not change after. */
  bytes(bytes: Uint8Array): Promise<void> | undefined {
    if (bytes.length === 0 || this.#stopped) return undefined
    const buffer = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength)
    this.#parts.push(frameHeader(frameKind.bytes, buffer.length))
    this.#size += frameHeaderBytes
    if (buffer.length < coalesceBytes) return this.#add(buffer)
    this.flush() // a large piece goes as it is, uncopied
    if (!this.#stopped && !this.#stream.destroyed && !this.#stream.writableEnded) this.#stream.write(buffer)
    return this.ready()
  }

  /** Hands on what waits. */
  flush(): void {
    if (this.#scheduled !== undefined) clearImmediate(this.#scheduled)
    this.#scheduled = undefined
    if (this.#size === 0 || this.#stopped) return
    const [first] = this.#parts
    const chunk = this.#parts.length === 1 && first !== undefined ? first : Buffer.concat(this.#parts, this.#size)
    this.#parts = []
    this.#size = 0
    if (!this.#stream.destroyed && !this.#stream.writableEnded) this.#stream.write(chunk)
  }

  /** Settles when the stream takes more again; at once where the call has ended. */
  ready(): Promise<void> | undefined {
    if (this.#stopped || !this.#stream.writableNeedDrain) return undefined
    return new Promise((resolve) => this.#wake.push(resolve))
  }

  /** Drops what waits and ends every wait; nothing is sent after. */
  stop(): void {
    this.#stopped = true
    this.#parts = []
    this.#size = 0
    if (this.#scheduled !== undefined) clearImmediate(this.#scheduled)
    this.#scheduled = undefined
    this.#wakeAll()
  }

  #add(part: Buffer): Promise<void> | undefined {
    if (this.#stopped) return undefined
    this.#parts.push(part)
    this.#size += part.length
    if (this.#size >= coalesceBytes) this.flush()
    else this.#scheduled ??= setImmediate(() => this.flush())
    return this.ready()
  }

  #wakeAll(): void {
    const waiting = this.#wake
    this.#wake = []
    for (const wake of waiting) wake()
  }
}
