import { fail } from '@flotilla/protocol'
import { Shares } from '../shares.ts'

/** A link carries a thousand at once; two whole tabs of one person leave the others most of it. */
const mostOfOne = 256

/** Answers that last, over whichever way: the streams of tabs, those of REST, and the bytes of files. */
export function streamShares(): Shares {
  return new Shares(8192, mostOfOne, {
    all: () => fail('live.streamsUsedUp'),
    one: (most) => fail('live.manyOwnStreams', { most }),
  })
}

/** The sockets of all tabs. */
export function tabShares(): Shares {
  return new Shares(1000, 64, { all: () => fail('live.manyTabs'), one: (most) => fail('live.manyOwnTabs', { most }) })
}
