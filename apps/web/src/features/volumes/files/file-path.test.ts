import { describe, expect, it } from 'vitest'
import { foldersOn, joinPath, nameOf, parentOf } from './file-path.ts'

describe('a path in a volume', () => {
  it('is joined from the top and from a folder', () => {
    expect(joinPath('', 'a')).toBe('a')
    expect(joinPath('a/b', 'c')).toBe('a/b/c')
  })

  it('has a parent and a name', () => {
    expect(parentOf('a/b/c')).toBe('a/b')
    expect(parentOf('a')).toBe('')
    expect(nameOf('a/b/c')).toBe('c')
    expect(nameOf('')).toBe('')
  })

  it('leads through each folder', () => {
    expect(foldersOn('a/b')).toEqual([
      { name: 'a', path: 'a' },
      { name: 'b', path: 'a/b' },
    ])
    expect(foldersOn('')).toEqual([])
  })
})
