import type { Images } from '../images/images.ts'

/**
 * Which images lost a tag to another: Docker tells of the one alone that a pull, a tag or a load gave it to. Begin with `look` before
 * the first event is told.
 */
export class MovedTags {
  readonly #images: Images
  #known = new Map<string, string>()

  constructor(images: Images) {
    this.#images = images
  }

  /** The images that have lost a tag to another since the last look. */
  async look(signal: AbortSignal): Promise<string[]> {
    const now = await this.#images.tags(signal)
    const lost = [...this.#known].filter(([tag, id]) => now.has(tag) && now.get(tag) !== id)
    this.#known = now
    return [...new Set(lost.map(([, id]) => id))]
  }
}
