import type { VolumeSize } from '@flotilla/protocol'
import { operationLabel } from '../containers/container-map.ts'
import type { VolumeAnswer } from './volume-answers.ts'
import { createdLabel } from './volume-map.ts'

/** What was measured of volumes, by name, since Docker has no other word for one; it goes with its volume. */
export class VolumeSizes {
  readonly #all = new Map<string, { made: string; size: VolumeSize }>()

  set(answer: VolumeAnswer, size: VolumeSize): void {
    this.#all.set(answer.Name, { made: makingOf(answer), size })
  }

  /** The size of this volume; undefined where nobody has measured it, or another of its name. */
  of(answer: VolumeAnswer): VolumeSize | undefined {
    const known = this.#all.get(answer.Name)
    return known?.made === makingOf(answer) ? known.size : undefined
  }

  forget(name: string): void {
    this.#all.delete(name)
  }

  /** Of a whole list: what is not in it is gone. */
  keepOnly(all: readonly VolumeAnswer[]): void {
    const there = new Set(all.map(({ Name }) => Name))
    for (const name of this.#all.keys()) if (!there.has(name)) this.#all.delete(name)
  }
}

/** Docker's own time of a volume is that of its folder's last change, which tells nothing here. */
const makingOf = ({ Labels }: VolumeAnswer) => `${Labels[operationLabel] ?? ''} ${Labels[createdLabel] ?? ''}`
