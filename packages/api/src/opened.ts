import type { ActorContext } from './context.ts'

/**
 * Asks once more what was asked when something was opened that lasts, of its caller and its object as they are now: the
 * permission, sight of the object, and whatever further rights it was opened with. Throws what a new call would throw. Looks into
 * the index alone, so that it can be asked every second and for every key that is typed.
 */
export type Recheck = (now: ActorContext) => void

/** A stream that may be read, and the question whether it still may. */
export interface Opened<Item> {
  readonly items: AsyncIterable<Item>
  readonly recheck: Recheck
}
