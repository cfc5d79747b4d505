import { PendingBytes } from './pending-bytes.ts'

/** `characters` is null where they are many. */
export interface Amount {
  bytes: number
  characters: number | null
}

/** What became of input that did not arrive as it was typed. */
export type InputNotice =
  /** Nothing of it arrived: the shell was away for too long. */
  | ({ kind: 'late' } & Amount)
  /** Part of it may have arrived. */
  | ({ kind: 'uncertain' } & Amount)
  /** The shell ended before it had taken all of it. */
  | ({ kind: 'ended' } & Amount)
  | { kind: 'cancelled'; bytes: number; sent: number }
  | { kind: 'tooLarge'; bytes: number; most: number }

export interface InputState {
  /** Waits for the link to come back. */
  retained: Amount | null
  /** On its way for longer than a moment, or much: a paste. */
  sending: { done: number; total: number; left: Amount } | null
  notice: InputNotice | null
}

export const nothingTyped: InputState = { retained: null, sending: null, notice: null }

interface Wire {
  /** `passed`: it is on its way to the host. */
  send(bytes: Uint8Array, passed: () => void): void
  onChange(state: InputState): void
}

/** Under way before the shell has taken it: of what is cancelled no more than this still arrives. */
const windowBytes = 64 * 1024
const pieceBytes = 16 * 1024
/** All that waits, in the page's memory. */
const mostBytes = 64 * 1024 * 1024
export const longBytes = 64 * 1024
const momentMs = 500
/** Typed for a shell that was away for longer, it may do by now what nobody wants any more. */
const retainMs = 120_000

/**
 * What a person types, until the shell's end says that it has taken it. Each byte arrives once and in order: after a cut
 * connection the shell's end tells how much it took, and the rest goes on from there. What does not arrive is told.
 */
export class TypedInput {
  private readonly wire: Wire
  private readonly pending = new PendingBytes()
  /** The place of what is sent next, counted from this writer's first byte. */
  private next = 0
  /** An older agent does not count: there what is passed on is taken for arrived. */
  private counting: 'unknown' | 'yes' | 'no' = 'unknown'
  private isLive = false
  private awaySince = performance.now()
  /** Taken since nothing waited. */
  private done = 0
  private isSlow = false
  /** What is under way of a cancelled paste is nobody's progress any more. */
  private isCancelled = false
  private timer: ReturnType<typeof setTimeout> | undefined
  private notice: InputNotice | null = null

  constructor(wire: Wire) {
    this.wire = wire
  }

  /** Bytes sent so far: the shell's end tells by it whether it ought to know this writer. */
  get sent(): number {
    return this.next
  }

  add(bytes: Uint8Array): void {
    if (bytes.length === 0) return
    if (this.pending.size + bytes.length > mostBytes) {
      this.tell({ kind: 'tooLarge', bytes: bytes.length, most: mostBytes })
      return
    }
    if (this.notice?.kind === 'cancelled' || this.notice?.kind === 'tooLarge') this.notice = null
    if (this.pending.size === 0) this.begin()
    this.pending.add(bytes)
    this.send()
  }

  /** So much of this writer's input is taken; null: that is not known any more, and counted from 0 again. */
  receive(count: number | null): void {
    if (this.counting !== 'unknown' && count !== null) this.drop(count)
    else this.resume(count)
    this.counting = 'yes'
    this.send()
  }

  /** From here on what is typed goes out. */
  live(): void {
    if (this.counting === 'unknown') {
      this.resume(null)
      this.counting = 'no'
    }
    if (this.pending.size > 0 && performance.now() - this.awaySince > retainMs) this.lose('late')
    this.isLive = true
    this.send()
  }

  away(): void {
    if (this.isLive) this.awaySince = performance.now()
    this.counting = 'unknown'
    this.isLive = false
    this.changed()
  }

  /** Nobody takes any more of it. */
  ended(): void {
    this.isLive = false
    if (this.pending.size > 0) this.lose('ended')
    this.changed()
  }

  /** Nothing more is sent of what waits, but for the end of a paste whose beginning the shell has got. */
  cancel(): void {
    if (this.isLive) {
      const [bytes, sent] = [this.done + this.pending.size, this.done + this.next - this.pending.begin]
      this.pending.cutAt(this.next)
      this.notice = { kind: 'cancelled', bytes, sent }
      this.isCancelled = true
    } else {
      this.pending.clear()
      this.pending.countFrom(this.next) // what was under way may still prove to be taken
    }
    this.send()
  }

  dismiss(): void {
    this.tell(null)
  }

  close(): void {
    clearTimeout(this.timer)
  }

  /** Goes on behind what was taken; where nobody knows that, nothing of which a part was sent is sent again. */
  private resume(count: number | null): void {
    if (count !== null) this.drop(Math.min(count, this.next))
    else if (this.pending.size > 0 && this.next > this.pending.begin) this.lose('uncertain')
    this.pending.countFrom(count ?? 0)
    this.next = this.pending.begin
  }

  private send(): void {
    const { pending } = this
    while (this.isLive && this.next < pending.end && this.next - pending.begin < windowBytes) {
      const piece = pending.slice(this.next, pieceBytes)
      this.next += piece.length
      const place = this.next
      this.wire.send(piece, () => {
        if (this.counting !== 'no') return
        this.drop(place)
        this.send()
      })
    }
    this.changed()
  }

  private drop(place: number): void {
    this.done += this.pending.dropTo(place)
  }

  private lose(kind: 'late' | 'uncertain' | 'ended'): void {
    this.notice = { kind, ...this.amount() }
    this.pending.clear()
    this.next = this.pending.begin
  }

  private begin(): void {
    this.done = 0
    this.isSlow = false
    this.isCancelled = false
    clearTimeout(this.timer)
    this.timer = setTimeout(() => {
      this.isSlow = true
      this.changed()
    }, momentMs)
  }

  private amount(): Amount {
    return { bytes: this.pending.size, characters: this.pending.characters() }
  }

  private tell(notice: InputNotice | null): void {
    this.notice = notice
    this.changed()
  }

  private changed(): void {
    const { pending, done, notice, isLive } = this
    const { size } = pending
    const total = done + size
    const isShown = isLive && size > 0 && !this.isCancelled && (this.isSlow || total > longBytes)
    this.wire.onChange({
      retained: !isLive && size > 0 ? this.amount() : null,
      sending: isShown ? { done, total, left: this.amount() } : null,
      notice,
    })
  }
}
