import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import { type InputState, nothingTyped, TypedInput } from './typed-input.ts'

const kib = 1024
let state: InputState
let sent: string
let pieces: { bytes: Uint8Array; passed: () => void }[]
let input: TypedInput

beforeEach(() => {
  vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout', 'performance'] })
  state = nothingTyped
  sent = ''
  pieces = []
  input = new TypedInput({
    send(bytes, passed) {
      sent += Buffer.from(bytes).toString('latin1')
      pieces.push({ bytes, passed })
    },
    onChange: (next) => (state = next),
  })
})
afterEach(() => {
  input.close()
  vi.useRealTimers()
})

const type = (text: string) => input.add(Buffer.from(text))
const attach = (count: number | null) => {
  sent = ''
  input.receive(count)
  input.live()
}

test('sends what is typed at once, and shows nothing of it where it is taken soon', () => {
  attach(0)
  type('ls')
  expect(sent).toBe('ls')
  input.receive(2)
  vi.advanceTimersByTime(600)
  expect(state).toEqual(nothingTyped)
  expect(input.sent).toBe(2)
})

test('has little of a long paste under way, sends on as it is taken, and shows how far it is', () => {
  attach(0)
  const text = Array.from({ length: 200_000 }, (_, at) => String.fromCharCode(97 + (at % 26))).join('')
  type(text)
  expect(sent.length).toBe(64 * kib)
  expect(state.sending).toMatchObject({ done: 0, total: 200_000 })
  for (let count = 10_000; count <= 200_000; count += 10_000) {
    input.receive(count)
    expect(sent.length - count).toBeLessThan(64 * kib + 16 * kib)
  }
  expect(sent).toBe(text)
  expect(state).toEqual(nothingTyped)
})

test('keeps what is typed while the link is away, says so, and sends it once in order behind what was taken', () => {
  attach(0)
  type('one two ')
  input.away()
  type('three')
  type(' käse')
  expect(state.retained).toEqual({ bytes: 19, characters: 18 })
  expect(input.sent).toBe(8)
  input.receive(4) // `one ` had arrived
  expect(sent).toBe('one two ')
  sent = ''
  input.live()
  expect(Buffer.from(sent, 'latin1').toString()).toBe('two three käse')
  input.receive(23)
  expect(state).toEqual(nothingTyped)
})

test('sends nothing again where nobody knows what arrived, and says so; what was never sent goes out', () => {
  attach(0)
  type('abc')
  input.receive(3)
  input.away()
  type('def')
  attach(null)
  expect([sent, state.notice]).toEqual(['def', null])
  input.away()
  type('ghi')
  attach(null)
  expect([sent, state.notice, state.retained]).toEqual(['', { kind: 'uncertain', bytes: 6, characters: 6 }, null])
  type('j')
  expect([sent, state.notice?.kind]).toEqual(['j', 'uncertain'])
  input.receive(1)
  input.dismiss()
  expect(state).toEqual(nothingTyped)
})

test('sends nothing to a shell that was away for more than two minutes, and says so', () => {
  attach(0)
  input.away()
  type('rm x')
  vi.advanceTimersByTime(119_000)
  input.away()
  vi.advanceTimersByTime(2000)
  attach(0)
  expect([sent, state.notice]).toEqual(['', { kind: 'late', bytes: 4, characters: 4 }])
})

test('what is discarded while the link is away is not sent, and what is typed after it is', () => {
  attach(0)
  type('abcdef')
  input.receive(2)
  input.away()
  type('gone')
  input.cancel()
  expect(state.retained).toBeNull()
  type('new')
  attach(4)
  expect(sent).toBe('new')
  input.receive(7)
  expect(state).toEqual(nothingTyped)
})

test('a cancelled paste keeps its brackets and whole characters', () => {
  attach(0)
  const paste = `\x1b[200~x${'ä'.repeat(100_000)}\x1b[201~`
  type(paste)
  type('later')
  input.cancel()
  expect(state.notice).toMatchObject({ kind: 'cancelled', bytes: 200_018, sent: 64 * kib })
  expect(state.sending).toBeNull()
  input.receive(sent.length)
  input.receive(sent.length)
  const got = Buffer.from(sent, 'latin1').toString()
  expect(got).toMatch(/^\x1b\[200~xä+\x1b\[201~$/)
  expect(state.sending).toBeNull()
  type('x')
  expect(state.notice).toBeNull()
})

test('tells what the shell had not taken when it ended, and refuses what no page can hold', () => {
  attach(0)
  type('unread')
  input.ended()
  expect(state.notice).toEqual({ kind: 'ended', bytes: 6, characters: 6 })
  input.add(new Uint8Array(65 * kib * kib))
  expect(state.notice).toMatchObject({ kind: 'tooLarge', bytes: 65 * kib * kib })
})

test('with an agent that counts nothing, goes on as its input is passed on', () => {
  input.live()
  type('a'.repeat(100_000))
  expect(sent.length).toBe(64 * kib)
  for (let at = 0; at < pieces.length; at += 1) pieces[at]?.passed()
  expect(sent.length).toBe(100_000)
  expect(state).toEqual(nothingTyped)
  type('b')
  input.away()
  input.live()
  expect(state.notice).toMatchObject({ kind: 'uncertain', bytes: 1 })
})

test('says what is on its way for longer than a moment', () => {
  attach(0)
  type('y')
  expect(state.sending).toBeNull()
  vi.advanceTimersByTime(500)
  expect(state.sending).toEqual({ done: 0, total: 1, left: { bytes: 1, characters: 1 } })
})
