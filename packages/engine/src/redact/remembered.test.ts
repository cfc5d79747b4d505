import { expect, it } from 'vitest'
import { remembered } from './remembered.ts'

it('works on a long text once, and on as many as there is room for', () => {
  const worked: string[] = []
  const upper = remembered((text) => {
    worked.push(text.slice(0, 4))
    return text.toUpperCase()
  })
  const long = (name: string) => name.padEnd(1024 * 1024, '-')
  const ask = (...names: string[]) => {
    for (const name of names) expect(upper(long(name))).toBe(long(name).toUpperCase())
  }
  ask('a', 'b', 'a', 'b', 'c', 'd')
  expect(worked).toEqual(['a---', 'b---', 'c---', 'd---'])
  ask('a', 'e', 'a', 'b')
  expect(worked.slice(4)).toEqual(['e---', 'b---'])
  upper('short')
  upper('short')
  expect(worked.slice(6)).toEqual(['shor', 'shor'])
})
