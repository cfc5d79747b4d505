import { describe, expect, test } from 'vitest'
import { CordonReason, HostGroups, HostLabels } from './host-attributes.ts'

const long = 'a'.repeat(63)

describe('what may be set of a host', () => {
  test.each([[{ rack: 'b4' }], [{ 'example.org/tier': 'front-1.2_x' }], [{ gpu: '' }], [{ [long]: long }], [{}]])(
    'labels %j are taken',
    (labels) => {
      expect(HostLabels.parse(labels)).toEqual(labels)
    },
  )

  test.each([
    [{ '': 'x' }],
    [{ 'a b': 'x' }],
    [{ 'a=b': 'x' }],
    [{ 'a,b': 'x' }],
    [{ '-a': 'x' }],
    [{ 'a/b/c': 'x' }],
    [{ '/a': 'x' }],
    [{ a: 'two words' }],
    [{ a: 'x,y' }],
    [{ a: 'x\n' }],
    [{ [`${long}a`]: 'x' }],
    [{ a: `${long}a` }],
    [Object.fromEntries(Array.from({ length: 65 }, (_, at) => [`l${at}`, '']))],
  ])('labels %j are refused', (labels) => {
    expect(HostLabels.safeParse(labels).success).toBe(false)
  })

  test('what would be a prototype is no label', () => {
    const labels = HostLabels.parse(JSON.parse('{"__proto__": "x", "constructor": "y"}'))
    expect(Object.entries(labels)).toEqual([['constructor', 'y']])
  })

  test('a group is one word, and a host is in a few', () => {
    expect(HostGroups.parse(['harbour', 'west-1'])).toEqual(['harbour', 'west-1'])
    for (const bad of ['', 'two words', 'a,b', 'x:', `${long}a`, 'a\n'])
      expect([bad, HostGroups.safeParse([bad]).success]).toEqual([bad, false])
    expect(HostGroups.safeParse(Array.from({ length: 33 }, (_, at) => `g${at}`)).success).toBe(false)
  })

  test('a reason is one line that a database can hold', () => {
    expect(CordonReason.parse('  kernel update (Ünal) ')).toBe('kernel update (Ünal)')
    for (const bad of ['two\nlines', 'a\u0000b', 'a\ud800b', 'x'.repeat(301)])
      expect(CordonReason.safeParse(bad).success).toBe(false)
  })
})
