/** The reasons of one area. A name is `area.whatIsSo`; its English sentence has `{placeholders}` and says why, and what to do where something can be done. */
export function defineReasons<const Kinds extends Record<`${string}.${string}`, string>>(kinds: Kinds): Kinds {
  return kinds
}
