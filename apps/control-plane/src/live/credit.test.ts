import { expect, test } from 'vitest'
import { Credit } from './credit.ts'

test('only what was sent and not yet acknowledged gives credit back', () => {
  const credit = new Credit(100)
  credit.give(50)
  expect(credit.left).toBe(100)
  credit.spend(130)
  credit.give(131)
  expect(credit.left).toBe(-30)
  credit.give(100)
  expect(credit.left).toBe(70)
  credit.give(31)
  expect(credit.left).toBe(70)
  credit.give(30)
  expect(credit.left).toBe(100)
})
