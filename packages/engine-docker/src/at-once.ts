/** How many questions about a list's rows a daemon is asked at the same time. */
const mostAtOnce = 8

/** Maps a list by questions to the daemon, a few at a time, in the list's order. */
export async function atOnce<T, R>(items: readonly T[], ask: (item: T) => Promise<R>): Promise<R[]> {
  const answers: R[] = []
  const rest = items.entries()
  const worker = async () => {
    for (const [index, item] of rest) answers[index] = await ask(item)
  }
  await Promise.all(Array.from({ length: Math.min(mostAtOnce, items.length) }, worker))
  return answers
}
