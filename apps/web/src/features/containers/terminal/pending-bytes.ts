/** More are not counted as characters. */
const fewBytes = 1024
/** What a terminal puts around a paste where its program asked for that. */
const [pasteBegin, pasteEnd] = ['\x1b[200~', '\x1b[201~'].map((text) => new TextEncoder().encode(text)) as [
  Uint8Array,
  Uint8Array,
]

/** What was typed or pasted at once. */
interface Chunk {
  readonly bytes: Uint8Array
  /** So many of its bytes wait no longer. */
  gone: number
}

/** Bytes that wait, each with its place in all that was ever typed. */
export class PendingBytes {
  #chunks: Chunk[] = []
  /** The place of the first one. */
  #begin = 0
  #size = 0

  get begin(): number {
    return this.#begin
  }

  get size(): number {
    return this.#size
  }

  get end(): number {
    return this.#begin + this.#size
  }

  add(bytes: Uint8Array): void {
    this.#chunks.push({ bytes, gone: 0 })
    this.#size += bytes.length
  }

  /** Up to `most` bytes of one chunk from a place on. */
  slice(from: number, most: number): Uint8Array {
    const { bytes, at } = this.#find(from)
    return bytes.subarray(at, at + most)
  }

  /** Forgets what stands before a place, and answers how much that was. */
  dropTo(place: number): number {
    const dropped = Math.min(this.#size, Math.max(0, place - this.#begin))
    let over = dropped
    for (let first = this.#chunks[0]; first !== undefined && over > 0; first = this.#chunks[0]) {
      const step = Math.min(over, first.bytes.length - first.gone)
      first.gone += step
      over -= step
      if (first.gone === first.bytes.length) this.#chunks.shift()
    }
    this.#begin += dropped
    this.#size -= dropped
    return dropped
  }

  /** The same bytes, counted from another place. */
  countFrom(begin: number): void {
    this.#begin = begin
  }

  clear(): void {
    this.#chunks = []
    this.#size = 0
  }

  /** Drops what stands from a place on; a character or a paste of which a part stands before it is brought to its end. */
  cutAt(place: number): void {
    if (place >= this.end) return
    const { bytes, at, index } = this.#find(place)
    this.#chunks = [
      ...this.#chunks.slice(0, index),
      { bytes: bytes.slice(0, at), gone: this.#chunks[index]?.gone ?? 0 },
    ]
    if (at > 0) this.#chunks.push({ bytes: endOf(bytes, at), gone: 0 })
    this.#chunks = this.#chunks.filter((chunk) => chunk.gone < chunk.bytes.length)
    this.#size = this.#chunks.reduce((sum, chunk) => sum + chunk.bytes.length - chunk.gone, 0)
  }

  /** How many characters wait; null where they are many. */
  characters(): number | null {
    if (this.#size > fewBytes) return null
    const bytes = this.#chunks.flatMap((chunk) => [...chunk.bytes.subarray(chunk.gone)])
    return bytes.filter((byte) => (byte & 0xc0) !== 0x80).length
  }

  /** The chunk of a place, and where in it that is. */
  #find(place: number): { bytes: Uint8Array; at: number; index: number } {
    let left = place - this.#begin
    for (const [index, { bytes, gone }] of this.#chunks.entries()) {
      if (left < bytes.length - gone) return { bytes, at: gone + left, index }
      left -= bytes.length - gone
    }
    return { bytes: new Uint8Array(), at: 0, index: this.#chunks.length }
  }
}

/** What must still be sent of a chunk that is cut: the rest of a character, and the end of a paste. */
function endOf(bytes: Uint8Array, at: number): Uint8Array {
  const isPaste = pasteBegin.every((byte, index) => bytes[index] === byte)
  if (isPaste && bytes.length - at <= pasteEnd.length) return bytes.slice(at)
  let end = at
  while (((bytes[end] ?? 0) & 0xc0) === 0x80) end += 1
  return Uint8Array.from([...bytes.subarray(at, end), ...(isPaste ? pasteEnd : [])])
}
