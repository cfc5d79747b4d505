import { expect, test } from 'vitest'
import { nextPath } from './next-path.ts'

test.each([
  ['', '/'],
  ['?next=%2Fcontainers%3Fq%3Dweb', '/containers?q=web'],
  ['?next=https%3A%2F%2Fevil.example%2F', '/'],
  ['?next=%2F%2Fevil.example%2F', '/'],
  ['?next=%2F%5Cevil.example', '/'],
  ['?next=javascript%3Aalert(1)', '/'],
])('%s leads to %s', (search, path) => {
  expect(nextPath(search)).toBe(path)
})
