import { expect, test } from 'vitest'
import { KeyedHolds } from './index.ts'

const never = new AbortController().signal

test('a claim waits for all that hold its key, and nobody holds it until the claim ends', async () => {
  const holds = new KeyedHolds()
  const [first, second] = [holds.hold('a'), holds.hold('a')]
  let claimed = false
  const claim = holds.claim('a', never).then((release) => {
    claimed = true
    return release
  })
  first?.()
  first?.()
  await new Promise(setImmediate)
  expect(claimed).toBe(false)
  second?.()
  const release = await claim
  expect(holds.hold('a')).toBeUndefined()
  expect(holds.hold('b')).toBeDefined()
  release?.()
  expect(holds.hold('a')).toBeDefined()
})

test('a claim that waits too long is none, and leaves the key to others', async () => {
  const holds = new KeyedHolds()
  const release = holds.hold('a')
  expect(await holds.claim('a', AbortSignal.timeout(20))).toBeUndefined()
  expect(holds.hold('a')).toBeDefined()
  release?.()
  expect(await holds.claim('a', AbortSignal.timeout(20))).toBeUndefined()
})
