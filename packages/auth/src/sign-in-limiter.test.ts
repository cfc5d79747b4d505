import { beforeEach, expect, test } from 'vitest'
import { SignInLimiter } from './sign-in-limiter.ts'

const minute = 60_000
let now = 0
let limiter: SignInLimiter

beforeEach(() => {
  now = 1_000_000
  limiter = new SignInLimiter(() => now)
})

const ada = 'ada@example.org'
const begin = (address: string, email = ada) => limiter.begin({ address, email })

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
    if (at % 2 === 0) limiter.succeeded({ address: 'a', email: ada })
    else limiter.withdraw({ address: 'a', email: ada })
  }
  for (let at = 0; at < 4; at += 1) begin('a')
  begin('a')
  limiter.succeeded({ address: 'a', email: ada })
  expect(Array.from({ length: 6 }, () => begin('a'))).toEqual([0, 0, 0, 0, 0, 900])
})

test('whatever an address gets wrong, whoever else is behind it gets in', () => {
  for (let at = 0; at < 30; at += 1) expect(begin('a', `${at % 6}@example.org`)).toBe(0)
  expect(begin('a', '0@example.org')).toBe(900)
  expect([begin('a'), begin('a'), begin('a')]).toEqual([0, 0, 5])
  now += 5000
  expect(begin('a')).toBe(0)
})

test('an address that tries very many people gets an attempt a second', () => {
  for (let at = 0; at < 300; at += 1) expect(begin('a', `${at}@example.org`)).toBe(0)
  expect(begin('a', 'next@example.org')).toBe(1)
  now += 1000
  expect([begin('a', 'next@example.org'), begin('a', 'after@example.org')]).toEqual([0, 1])
  expect(begin('b', 'after@example.org')).toBe(0)
})

test('an address that many share locks nobody out for longer than some seconds', () => {
  const shared = (email: string) => limiter.begin({ address: '127.0.0.1', email, isShared: true })
  for (let at = 0; at < 1000; at += 1) expect(shared(`${at}@example.org`)).toBe(0)
  expect(Array.from({ length: 6 }, () => shared(ada))).toEqual([0, 0, 0, 0, 0, 5])
  now += 5000
  expect(shared(ada)).toBe(0)
})

test('a known device is counted by itself alone, and never locked', () => {
  for (let at = 0; at < 5; at += 1) begin('home')
  for (let at = 0; at < 45; at += 1) begin(`guesser ${at}`)
  const own = { address: 'home', email: ada, device: 'laptop' }
  for (let at = 0; at < 10; at += 1) expect(limiter.begin(own)).toBe(0)
  expect(limiter.begin(own)).toBe(5)
  now += 5000
  expect(limiter.begin(own)).toBe(0)
  limiter.succeeded(own)
  expect(limiter.begin(own)).toBe(0)
  expect(begin('home')).toBe(895)
})

test('however many guess at one e-mail, its owner gets in from elsewhere, one attempt in five seconds', () => {
  for (let at = 0; at < 50; at += 1) expect(begin(`guesser ${at}`)).toBe(0)
  expect(begin('home')).toBe(5)
  now += 4000
  expect(begin('home')).toBe(1)
  now += 1000
  expect(begin('home')).toBe(0)
  expect(begin('guesser')).toBe(5)
  limiter.succeeded({ address: 'home', email: ada })
  now += 5000
  expect(begin('guesser')).toBe(0)
})
