/** Operations whose end is still to be told to the person, by id. */
const awaited = new Set<string>()

/** The end of the operation will be told, however soon it comes. */
export function awaitEnd(id: string): void {
  awaited.add(id)
}

/** True once for an end that is to be told. */
export function takeEnd(id: string): boolean {
  return awaited.delete(id)
}
