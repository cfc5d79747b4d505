import type { Figure } from './figure.ts'
import type { Stage } from './stage.ts'

/** One of the benches that can be chosen by name. It leaves the stage as it found it. */
export interface Bench {
  id: string
  title: string
  /** What was done, so that anybody can judge the figures. */
  how: string
  measure(stage: Stage): Promise<Figure[]>
}

/** One that starts what it needs itself: no Docker Engine, registry or dashboard is there for it. */
export interface LoneBench extends Omit<Bench, 'measure'> {
  measureAlone(options: { runs: number }): Promise<Figure[]>
}
