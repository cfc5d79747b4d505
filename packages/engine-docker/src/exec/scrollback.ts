export interface OutputPiece {
  channel: 'stdout' | 'stderr'
  bytes: Buffer
}

/** One who reads a session's output from where he stands. */
export interface ScrollbackReader {
  /** Bytes before his first one that are no longer kept. */
  readonly lostBytes: number
  /** The next piece, or undefined where nothing more has come yet. */
  next(): OutputPiece | undefined
  close(): void
}

interface Retained extends OutputPiece {
  /** Of all that was ever printed. */
  begin: number
}

/**
 * What a session printed, the newest `limit` bytes of it and what a reader has still to get. Whoever fills it waits in `room`
 * while the slowest reader is behind, and from the start until somebody has read: then nothing was lost for him.
 */
export class Scrollback {
  readonly #limit: number
  readonly #pieces: Retained[] = []
  readonly #readers = new Set<{ at: number }>()
  readonly #waiting = new Set<() => void>()
  #begin = 0
  #end = 0
  #wasRead = false
  #isClosed = false

  constructor(limit: number) {
    this.#limit = limit
  }

  append(piece: OutputPiece): void {
    if (piece.bytes.length === 0) return
    this.#pieces.push({ ...piece, begin: this.#end })
    this.#end += piece.bytes.length
    this.#trim()
    this.wake()
  }

  /** Resolves when more may be added. */
  async room(): Promise<void> {
    while (!this.#isClosed && this.#end - this.#begin > this.#limit) await this.#change(undefined)
  }

  /** Wakes all who wait, for they may have to see something else than output. */
  wake(): void {
    for (const wake of [...this.#waiting]) wake()
  }

  /** Nothing more comes; `room` lets everybody through. */
  close(): void {
    this.#isClosed = true
    this.wake()
  }

  /** From the oldest byte that is kept, or from now. */
  open(replay: boolean): ScrollbackReader {
    const reader = { at: replay ? this.#begin : this.#end }
    const lostBytes = replay ? this.#begin : 0
    this.#readers.add(reader)
    this.#wasRead = true
    this.#trim()
    this.wake()
    return {
      lostBytes,
      next: () => {
        this.#trim() // the piece before this one has been taken
        const piece = this.#pieceAt(reader.at)
        if (piece === undefined) return undefined
        reader.at = piece.begin + piece.bytes.length
        return piece
      },
      close: () => {
        this.#readers.delete(reader)
        this.#trim()
      },
    }
  }

  /** Resolves with the next change, or when the signal aborts. */
  change(signal: AbortSignal): Promise<void> {
    return this.#change(signal)
  }

  #change(signal: AbortSignal | undefined): Promise<void> {
    return new Promise((resolve) => {
      const done = () => {
        this.#waiting.delete(done)
        signal?.removeEventListener('abort', done)
        resolve()
      }
      this.#waiting.add(done)
      signal?.addEventListener('abort', done, { once: true })
      if (signal?.aborted === true) done()
    })
  }

  /** Pieces are read in order, so the wanted one is near the reader's last; halving finds it at once. */
  #pieceAt(at: number): Retained | undefined {
    let [low, high] = [0, this.#pieces.length]
    while (low < high) {
      const middle = (low + high) >> 1
      if ((this.#pieces[middle]?.begin ?? 0) < at) low = middle + 1
      else high = middle
    }
    return this.#pieces[low]
  }

  #trim(): void {
    if (!this.#wasRead) return
    const needed = Math.min(...[...this.#readers].map((reader) => reader.at), this.#end)
    let dropped = 0
    for (let first = this.#pieces[0]; first !== undefined; first = this.#pieces[dropped]) {
      const end = first.begin + first.bytes.length
      if (this.#end - this.#begin <= this.#limit || end > needed) break
      this.#begin = end
      dropped += 1
    }
    if (dropped === 0) return
    this.#pieces.splice(0, dropped)
    this.wake()
  }
}
