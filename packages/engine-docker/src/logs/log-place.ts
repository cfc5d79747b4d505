import { fail } from '@flotilla/protocol'
import { type LogEntry, timeMs } from './log-entry.ts'

/** A place in a log: after the nth entry of those with exactly this time. Docker knows no offsets. */
export interface LogPlace {
  time: string
  count: number
}

export const formatPlace = (place: LogPlace): string => `${place.time}|${place.count}`

/** Throws INVALID_ARGUMENT where the text is no cursor of ours. */
export function parsePlace(text: string): LogPlace {
  const [time = '', count = ''] = text.split('|')
  if (timeMs(time) === null || !/^[1-9]\d{0,9}$/.test(count)) {
    throw fail('log.badCursor')
  }
  return { time, count: Number(count) }
}

/** The place behind an entry that follows the place. */
export function advance(place: LogPlace | undefined, entry: LogEntry): LogPlace | undefined {
  if (entry.time === '') return place
  return { time: entry.time, count: place?.time === entry.time ? place.count + 1 : 1 }
}

/** Docker's `since` and `until`: seconds since 1970 with nine digits. `shiftMs` moves the moment. */
export function dockerTime(time: string, shiftMs = 0): string {
  const ms = (timeMs(time) ?? 0) + shiftMs
  const digits = /\.(\d{1,9})/.exec(time)?.[1] ?? ''
  const nanos = `${String(((ms % 1000) + 1000) % 1000).padStart(3, '0')}${digits.padEnd(9, '0').slice(3)}`
  return `${Math.floor(ms / 1000)}.${nanos}`
}

/** Entries of two streams may stand a little out of the order of their times: a place is looked for so much earlier. */
export const disorderMs = 1000

/** Passes over the entries up to a place. */
export class PlaceSeeker {
  readonly #place: LogPlace
  readonly #lostFrom: number
  #seen = 0

  constructor(place: LogPlace) {
    this.#place = place
    this.#lostFrom = (timeMs(place.time) ?? 0) + disorderMs
  }

  /** `before` the place or at it; `lost` where all that could be it is gone. */
  look(entry: LogEntry): 'before' | 'found' | 'lost' {
    if (entry.time === this.#place.time) {
      this.#seen += 1
      return this.#seen === this.#place.count ? 'found' : 'before'
    }
    return (timeMs(entry.time) ?? 0) > this.#lostFrom ? 'lost' : 'before'
  }
}
