/** Those called so first, then those whose names begin so. */
export function nearest<T>(things: readonly T[], title: (thing: T) => string, word: string): T[] {
  const text = word.toLowerCase()
  const far = (thing: T) => {
    const name = title(thing).toLowerCase()
    return name === text ? 0 : name.startsWith(text) ? 1 : 2
  }
  return things.toSorted((a, b) => far(a) - far(b))
}

/** Every word has to stand in the line, in whatever order; a line that begins with the first comes first. */
export function fits(line: string, text: string): number {
  const words = text.toLowerCase().split(/\s+/).filter(Boolean)
  const [first = ''] = words
  const value = line.toLowerCase()
  if (!words.every((word) => value.includes(word))) return 0
  return value.startsWith(first) ? 1 : 0.5
}

/** "stop web-2" looks for web-2. */
export function lastWord(text: string): string {
  return text.split(/\s+/).at(-1) ?? ''
}
