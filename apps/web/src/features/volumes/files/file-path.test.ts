import { describe, expect, it } from 'vitest'
import { foldersOn, joinPath, nameOf, nameOn, parentOf, plainPath, shownPath } from './file-path.ts'

describe('a path in a volume', () => {
  it('is joined from the top and from a folder', () => {
    expect(joinPath('', 'a')).toBe('a')
    expect(joinPath('a/b', 'c')).toBe('a/b/c')
  })

  it('is typed from the top with or without a slash', () => {
    expect(plainPath('/a//./b/')).toBe('a/b')
    expect(plainPath('.a/..b')).toBe('.a/..b')
    expect(plainPath('/')).toBe('')
  })

  it('has a parent and a name', () => {
    expect(parentOf('a/b/c')).toBe('a/b')
    expect(parentOf('a')).toBe('')
    expect(nameOf('a/b/c')).toBe('c')
    expect(nameOf('')).toBe('')
  })

  it('goes down through a name of each folder above it', () => {
    expect(nameOn('', 'a/b/c')).toBe('a')
    expect(nameOn('a', 'a/b/c')).toBe('b')
    expect(nameOn('a/b', 'a/b/c')).toBe('c')
    expect(nameOn('a/b', 'a/bc')).toBeNull()
    expect(nameOn('a', 'a')).toBeNull()
    expect(nameOn('', '')).toBeNull()
  })

  it('is shown with what would hide in it or turn it around', () => {
    expect(shownPath('invoice\u202efdp.exe')).toBe('invoice\\u202efdp.exe')
    expect(shownPath('a\nb\u0000')).toBe('a\\u000ab\\u0000')
    expect(shownPath('Grüße 🚀 שלום/x y')).toBe('Grüße 🚀 שלום/x y')
  })

  it('leads through each folder', () => {
    expect(foldersOn('a/b')).toEqual([
      { name: 'a', path: 'a' },
      { name: 'b', path: 'a/b' },
    ])
    expect(foldersOn('')).toEqual([])
  })
})
