/** Quick ends in a row after which a part is given up that was never ready, and otherwise called one that ends again and again. */
const mostQuickEnds = 5

/**
 * @typedef {object} End
 * @property {string} how
 * @property {string} words its last ones; may be empty
 * @property {boolean} isHopeless starting it again does not help by itself
 */

/**
 * @typedef {object} Next what follows from an end
 * @property {string} [why] it is given up for this
 * @property {string} [line] for the terminal, where something new is to be said
 * @property {number} waitMs until it is started again
 */

/** The ends of one part that come too soon: how long to wait after each, and what to say of it. */
export class QuickEnds {
  /** In a row. */
  count = 0
  /** What the terminal has last of one that ends again and again. */
  #shown = ''
  #name
  #logFile
  #firstWaitMs
  #longestWaitMs

  /**
   * @param {{ name: string, logFile: string }} part
   * @param {number} firstWaitMs it doubles with each end
   * @param {number} longestWaitMs
   */
  constructor({ name, logFile }, firstWaitMs, longestWaitMs) {
    this.#name = name
    this.#logFile = logFile
    this.#firstWaitMs = firstWaitMs
    this.#longestWaitMs = longestWaitMs
  }

  /**
   * @param {End} end
   * @param {boolean} isFirstStart somebody waits for it to be ready, and is to know soon why it is not
   * @returns {Next}
   */
  add({ how, words, isHopeless }, isFirstStart) {
    this.count += 1
    const itsLog = `Its log: ${this.#logFile}`
    const isOften = isHopeless || this.count > mostQuickEnds
    if (isOften && isFirstStart) {
      const often = isHopeless ? '' : ` five times in a row (${how})`
      return { why: `${this.#name} ended${often}${words === '' ? '.' : `: ${words}`} ${itsLog}`, waitMs: 0 }
    }
    const waitMs = isHopeless
      ? this.#longestWaitMs
      : Math.min(this.#firstWaitMs * 2 ** (this.count - 1), this.#longestWaitMs)
    if (!isOften) return { line: `${this.#name} ended (${how}); starting it again. ${itsLog}`, waitMs }
    if (this.#shown === `${how} ${words}`) return { waitMs }
    this.#shown = `${how} ${words}`
    const last = words === '' ? '' : ` Its last words: ${words}`
    const seconds = this.#longestWaitMs / 1000
    const line = `${this.#name} ends again and again (${how}); it is tried again every ${seconds} s, and the rest goes on.${last} ${itsLog}`
    return { line, waitMs }
  }

  /** It has run for so long that the next end is a first one. Gives what to say of that, where something was said before. */
  forget() {
    const line = this.#shown === '' ? undefined : `${this.#name} runs again.`
    this.#shown = ''
    this.count = 0
    return line
  }
}
