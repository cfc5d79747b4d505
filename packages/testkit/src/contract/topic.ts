import type { Kit } from './kit.ts'

/**
 * Adds one test. Where the engine does not claim all that the test needs, the other side is tested instead: what it lacks is
 * refused as UNSUPPORTED.
 */
export type AddTest = (
  title: string,
  needs: readonly string[],
  body: (kit: Kit) => Promise<void>,
  /** `alone`: beside no other test of the subject. */
  options?: { alone?: boolean },
) => void

/**
 * The tests of one part of the contract. Those of `own` look at what is the engine's own, whatever carries the calls; as the
 * calls are carried in the tests beside them too, they are left out at the depth `way`.
 */
export type Topic = (test: AddTest, own: AddTest) => void
