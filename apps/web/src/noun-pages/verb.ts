import type { Permission } from '@flotilla/protocol'
import type { LucideIcon } from 'lucide-react'

/** Something that can be done to a noun's things: in the row's menu, on the page of one, and for many at once. */
export interface Verb<Row> {
  name: string
  title: string
  icon: LucideIcon
  /** The right that it needs. Left out: whoever sees the thing may. */
  permission?: Permission
  isDanger?: boolean
  /** Offered in the bar below a list as well, for all rows that are chosen. */
  isForMany?: boolean
  /** Whether it makes sense for a thing as it is now; where not, it is not offered. */
  suits?: (row: Row) => boolean
  /** Why it cannot be done to a thing, beside a right that is missing; null where it can. */
  why?: (row: Row) => string | null
  /** `isAll`: all that match the list's filters, of which `rows` are loaded. */
  run: (rows: readonly Row[], isAll?: boolean) => void
}

/** Verbs as they stand in a menu: a line between one group and the next. */
export type VerbGroups<Row> = readonly (readonly Verb<Row>[])[]
