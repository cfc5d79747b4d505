import { fail } from '@flotilla/protocol'

export interface StreamFrame {
  stream: 'stdout' | 'stderr'
  data: Buffer
}

const headerBytes = 8
/** Docker's own pieces have 16 to 64 KiB, journald's lines may have more. */
const maxFrameBytes = 16 * 1024 * 1024
/** Bytes of what the daemon says of a failure. */
const mostOfMessage = 1000

/** Takes apart a body with both streams in it: frames of a type, three zeros, a length and the bytes (Engine API, "Attach"). */
export class FrameParser {
  #carry: Buffer = Buffer.alloc(0)

  /** Throws INTERNAL where the bytes are no frames or the daemon says that it failed. */
  push(chunk: Buffer): StreamFrame[] {
    const buffer = this.#carry.length === 0 ? chunk : Buffer.concat([this.#carry, chunk])
    const frames: StreamFrame[] = []
    let at = 0
    while (buffer.length - at >= headerBytes) {
      const type = buffer[at]
      const length = buffer.readUInt32BE(at + 4)
      if (type === undefined || type > 3 || length > maxFrameBytes) {
        throw fail('docker.badFrames')
      }
      const end = at + headerBytes + length
      if (buffer.length < end) break
      const data = buffer.subarray(at + headerBytes, end)
      if (type === 3) throw fail('docker.notRead', { message: data.subarray(0, mostOfMessage).toString().trim() })
      frames.push({ stream: type === 2 ? 'stderr' : 'stdout', data })
      at = end
    }
    this.#carry = Buffer.from(buffer.subarray(at))
    return frames
  }
}
