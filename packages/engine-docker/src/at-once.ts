import { mapAtMost } from '@flotilla/async'

/** How many questions about a list's rows a daemon is asked at the same time. */
const mostAtOnce = 8

/** Maps a list by questions to the daemon, a few at a time, in the list's order. */
export function atOnce<T, R>(items: readonly T[], ask: (item: T) => Promise<R>): Promise<R[]> {
  return mapAtMost(mostAtOnce, items, ask)
}
