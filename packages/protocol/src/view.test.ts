import { describe, expect, it, test } from 'vitest'
import { type Filter, filterTest, labelFilter } from './view.ts'

const nothing = { hostName: '', usage: null, users: () => 0, refersTo: () => false }
const finds = (labels: Record<string, string>, wanted: string) => labelFilter.matching(wanted)({ labels }, nothing)

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

describe('a filter of a list', () => {
  const state = { describe: '', matching: (wanted: string) => (row: string) => row === wanted }
  const passes = (filter: Filter<string>, wanted: unknown) => {
    const passed = filterTest(filter, wanted)
    return passed && ['up', 'down', 'up,down'].filter((row) => passed(row, nothing))
  }

  it('takes several values with commas between them where it takes many, and one otherwise', () => {
    expect(passes({ ...state, many: true }, 'up,down')).toEqual(['up', 'down'])
    expect(passes({ ...state, many: true }, 'down')).toEqual(['down'])
    expect(passes(state, 'up,down')).toEqual(['up,down'])
  })

  it('is none where it is not set', () => {
    for (const unset of [undefined, '', 3]) expect(passes(state, unset)).toBeUndefined()
  })
})
