import type { Figure } from './figure.ts'
import type { Machine } from './machine.ts'

/** One bench as it was run once; this is what is kept as JSON. */
export interface Section {
  id: string
  title: string
  how: string
  /** The commit that was measured, as `git describe` names it. */
  commit: string
  machine: Machine
  /** The first number of /proc/loadavg. */
  load: { before: number; after: number }
  figures: readonly Figure[]
}
