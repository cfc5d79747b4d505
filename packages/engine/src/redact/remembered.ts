/** Shorter texts are read faster than looked up. */
const leastLength = 2048
/** Characters, of both forms of all texts together. */
const mostCharacters = 8 * 1024 * 1024

/** A function of texts that works on a long one once: an engine tells the same labels and commands at every list. */
export function remembered(work: (text: string) => string): (text: string) => string {
  const known = new Map<string, string>()
  let characters = 0
  return (text) => {
    if (text.length < leastLength || text.length > mostCharacters / 4) return work(text)
    const result = known.get(text) ?? work(text)
    // Whatever was asked for last stands last, and goes last.
    if (!known.delete(text)) characters += text.length + result.length
    known.set(text, result)
    for (const [oldest, its] of known) {
      if (characters <= mostCharacters) break
      known.delete(oldest)
      characters -= oldest.length + its.length
    }
    return result
  }
}
