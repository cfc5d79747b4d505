import type { ExecDown, ExecUp, ExecWriter, Incoming } from '@flotilla/protocol'

/** What a session's input goes into. */
export interface InputSink {
  /** Hands the bytes over before it returns, and settles when there is room for more. */
  write(bytes: Uint8Array): Promise<void>
  endInput(): Promise<void> | void
  resize(columns: number, rows: number): Promise<void>
}

/** The input side of one attachment. */
export interface AttachedInput {
  /** Why no more is taken. */
  readonly error: unknown
  /** What its writer has not been told yet of what is taken of his input. */
  news(): Extract<ExecDown, { type: 'input' }> | undefined
  stop(): void
}

interface Count {
  received: number
  /** Grows with each attachment of this writer: what still comes by an earlier one is dropped, since he sends it again. */
  attachment: number
}

/** Small, so that of a writer who is cut off or cancels little is under way. */
const pieceBytes = 16 * 1024
/** Of one session; the one that attached longest ago is forgotten. */
const mostWriters = 32

/** What is typed into one session by all who are attached to it, and how much of each writer's it has taken. */
export class SessionInput {
  readonly #counts = new Map<string, Count>()

  /**
   * Passes on what comes, until it is stopped or its writer attaches again. `onNews` is called when there is news or an error.
   * Its first news is what was taken before.
   */
  attach(
    sink: InputSink,
    incoming: Incoming<ExecUp>,
    writer: ExecWriter | undefined,
    onNews: () => void,
  ): AttachedInput {
    const isKnown = writer !== undefined && this.#counts.has(writer.id)
    const count = writer === undefined ? { received: 0, attachment: 0 } : this.#countOf(writer.id)
    const attachment = ++count.attachment
    const first = isKnown || writer?.sent === 0 ? count.received : null
    const state = {
      error: undefined as unknown,
      isStopped: false,
      isFirst: true,
      room: count.received,
      reported: count.received,
    }
    const isOver = () => state.isStopped || count.attachment !== attachment
    const write = async (bytes: Uint8Array) => {
      for (let at = 0; at < bytes.length && !isOver(); at += pieceBytes) {
        const piece = bytes.subarray(at, at + pieceBytes)
        count.received += piece.length
        await sink.write(piece).catch((error: unknown) => {
          // How much of it arrived is not known: a writer who comes back is told so.
          if (writer !== undefined && this.#counts.get(writer.id) === count) this.#counts.delete(writer.id)
          throw error
        })
        state.room += piece.length
        if (writer !== undefined) onNews()
      }
    }
    const iterator = incoming[Symbol.asyncIterator]()
    const pump = async () => {
      for (;;) {
        const next = await iterator.next()
        if (next.done === true || isOver()) return
        const item = next.value
        if (item instanceof Uint8Array) await write(item)
        else if (item.type === 'stdin-end') await sink.endInput()
        else await sink.resize(item.columns, item.rows)
      }
    }
    pump().catch((error: unknown) => {
      if (state.isStopped) return
      state.error = error
      onNews()
    })
    return {
      get error() {
        return state.error
      },
      news() {
        if (writer === undefined || (!state.isFirst && state.reported === state.room)) return undefined
        const received = state.isFirst ? first : state.room
        if (!state.isFirst) state.reported = state.room
        state.isFirst = false
        return { type: 'input', received }
      },
      stop() {
        state.isStopped = true
        void iterator.return?.()
      },
    }
  }

  #countOf(id: string): Count {
    const count = this.#counts.get(id) ?? { received: 0, attachment: 0 }
    this.#counts.delete(id)
    this.#counts.set(id, count)
    const [oldest] = this.#counts.keys()
    if (this.#counts.size > mostWriters && oldest !== undefined) this.#counts.delete(oldest)
    return count
  }
}
