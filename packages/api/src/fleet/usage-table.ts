import type { FleetHost, UsageSample } from '@flotilla/protocol'

type Sum = FleetHost['usage']

/** The newest samples of one holder's objects, by their platform ids, and what they come to together. */
export class UsageTable {
  readonly #samples = new Map<string, UsageSample>()
  /** Of objects that are there; undefined until it is asked for. */
  #sum: Sum | undefined

  get(id: string): UsageSample | undefined {
    return this.#samples.get(id)
  }

  set(id: string, sample: UsageSample): void {
    this.#samples.set(id, sample)
    this.#sum = undefined
  }

  clear(): void {
    this.#samples.clear()
    this.#sum = undefined
  }

  /** An object came or went: what is summed may be another. */
  recount(): void {
    this.#sum = undefined
  }

  /** `isThere`: whether an object is known; a sample of one that went stays until the next samples come. */
  sum(isThere: (id: string) => boolean): Sum {
    return (this.#sum ??= this.#add(isThere))
  }

  #add(isThere: (id: string) => boolean): Sum {
    const sum: Sum = { cpuCores: null, memoryBytes: null }
    for (const [id, sample] of this.#samples) if (isThere(id)) addUsage(sum, sample)
    return sum
  }
}

/** Adds what one object uses, or several together; null is nothing known. */
export function addUsage(sum: Sum, { cpuCores, memoryBytes }: Sum): void {
  if (cpuCores !== null) sum.cpuCores = (sum.cpuCores ?? 0) + cpuCores
  if (memoryBytes !== null) sum.memoryBytes = (sum.memoryBytes ?? 0) + memoryBytes
}
