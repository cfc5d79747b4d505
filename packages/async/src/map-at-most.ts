/** Maps a list, at most so many items at the same time; the answers are in the list's order. Fails with the first that fails. */
export async function mapAtMost<T, R>(most: number, items: readonly T[], map: (item: T) => Promise<R>): Promise<R[]> {
  const answers: R[] = []
  const rest = items.entries()
  const worker = async () => {
    for (const [index, item] of rest) answers[index] = await map(item)
  }
  await Promise.all(Array.from({ length: Math.min(most, items.length) }, worker))
  return answers
}
