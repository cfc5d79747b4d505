import { expect, test } from 'vitest'
import { labelFilter } from './view.ts'

const finds = (labels: Record<string, string>, wanted: string) =>
  labelFilter.matching(wanted)({ labels }, { hostName: '', usage: null, users: () => 0, refersTo: () => false })

test('a label is found by its name, with its value or any', () => {
  expect(finds({ team: 'shop' }, 'team')).toBe(true)
  expect(finds({ team: 'shop' }, 'team=shop')).toBe(true)
  expect(finds({ team: 'shop' }, 'team=')).toBe(false)
  expect(finds({ team: '' }, 'team=')).toBe(true)
  expect(finds({}, 'constructor')).toBe(false)
})

test('a label is found whose name or value holds an equals sign', () => {
  expect(finds({ query: 'a=b' }, 'query=a=b')).toBe(true)
  expect(finds({ 'a=b': 'c' }, 'a=b=c')).toBe(true)
  expect(finds({ 'a=b': 'c' }, 'a=b')).toBe(true)
  expect(finds({ 'a=b': 'c' }, 'a')).toBe(false)
})
