import { beforeEach, expect, test } from 'vitest'
import { SignInLimiter } from './sign-in-limiter.ts'

const minute = 60_000
let now = 0
let limiter: SignInLimiter

beforeEach(() => {
  now = 1_000_000
  limiter = new SignInLimiter(() => now)
})

const begin = (address: string, email = 'ada@example.org') => limiter.begin(address, email)

test('attempts count before they have ended', () => {
  expect(Array.from({ length: 7 }, () => begin('a'))).toEqual([0, 0, 0, 0, 0, 900, 900])
  expect(begin('a', 'ADA@example.org')).toBe(900)
  expect(begin('a', 'bob@example.org')).toBe(0)
  expect(begin('b')).toBe(0)
  now += 15 * minute
  expect(begin('a')).toBe(0)
})

test('what succeeds or has no outcome does not count', () => {
  for (let at = 0; at < 200; at += 1) {
    expect(begin('a')).toBe(0)
    if (at % 2 === 0) limiter.succeeded('a', 'ada@example.org')
    else limiter.withdraw('a', 'ada@example.org')
  }
  for (let at = 0; at < 4; at += 1) begin('a')
  begin('a')
  limiter.succeeded('a', 'ada@example.org')
  expect(Array.from({ length: 6 }, () => begin('a'))).toEqual([0, 0, 0, 0, 0, 900])
})

test('an address that tries many people is refused', () => {
  for (let at = 0; at < 30; at += 1) expect(begin('a', `${at}@example.org`)).toBe(0)
  expect(begin('a', 'next@example.org')).toBe(900)
})

test('however many guess at one e-mail, its owner gets in from elsewhere, one attempt in five seconds', () => {
  for (let at = 0; at < 50; at += 1) expect(begin(`guesser ${at}`)).toBe(0)
  expect(begin('home')).toBe(5)
  now += 4000
  expect(begin('home')).toBe(1)
  now += 1000
  expect(begin('home')).toBe(0)
  expect(begin('guesser')).toBe(5)
  limiter.succeeded('home', 'ada@example.org')
  now += 5000
  expect(begin('guesser')).toBe(0)
})
