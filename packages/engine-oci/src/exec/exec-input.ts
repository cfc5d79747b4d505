import { type AttachedInput, SessionInput } from '@flotilla/engine'
import type { ExecUp, ExecWriter, Incoming } from '@flotilla/protocol'
import { resizeTerminal } from '../runtime/conmon.ts'
import { InputRelay } from './input-relay.ts'

/**
 * What is typed into one session. All who are attached share one way to its relay, so that what they type arrives in the order
 * in which it came; it is closed when the last of them leaves.
 */
export class ExecInput {
  readonly #folder: string
  readonly #relay: InputRelay
  readonly #input = new SessionInput()
  #attached = 0

  /** `folder`: conmon's own. */
  constructor(folder: string) {
    this.#folder = folder
    this.#relay = new InputRelay(folder)
  }

  /** See `SessionInput`. */
  attach(incoming: Incoming<ExecUp>, writer: ExecWriter | undefined, onNews: () => void): AttachedInput {
    const relay = this.#relay
    const sink = {
      write: (bytes: Uint8Array) => relay.write(bytes),
      endInput: () => relay.end(),
      resize: (columns: number, rows: number) => resizeTerminal(this.#folder, columns, rows),
    }
    const attached = this.#input.attach(sink, incoming, writer, onNews)
    this.#attached += 1
    return {
      get error() {
        return attached.error
      },
      news: () => attached.news(),
      stop: () => {
        attached.stop()
        this.#attached -= 1
        if (this.#attached === 0) relay.close()
      },
    }
  }
}
