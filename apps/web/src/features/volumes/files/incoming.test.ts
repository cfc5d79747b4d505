import { describe, expect, it } from 'vitest'
import { chosenIn, mostIncoming, TooManyIncoming, walkDropped } from './incoming.ts'

const named = (name: string) => new File([], name)
const file = (name: string) =>
  ({ name, isDirectory: false, file: (take: (file: File) => void) => take(named(name)) }) as unknown as FileSystemEntry
/** A folder as a browser gives it: two entries at a time. */
function folder(name: string, ...inside: FileSystemEntry[]): FileSystemEntry {
  const createReader = () => {
    let at = 0
    return { readEntries: (take: (batch: FileSystemEntry[]) => void) => take(inside.slice(at, (at += 2))) }
  }
  return { name, isDirectory: true, createReader } as unknown as FileSystemEntry
}
const chosen = (path: string) =>
  Object.defineProperty(named(path.split('/').at(-1) ?? ''), 'webkitRelativePath', { value: path })
const pathsOf = (found: Awaited<ReturnType<typeof walkDropped>>) =>
  found.map(({ folder: at, name, file: bytes }) => `${at}>${name}${bytes === null ? '/' : ''}`)

describe('what was dropped', () => {
  it('is each file of each folder, folders before what is in them and empty ones too', async () => {
    const site = folder('site', file('a'), file('b'), folder('img', file('c')), folder('empty'))
    expect(pathsOf(await walkDropped([named('plain'), site]))).toEqual([
      ...['>plain', '>site/', 'site>a', 'site>b', 'site>img/', 'site>empty/', 'site/img>c'],
    ])
  })

  it('is refused as a whole where it is too much', async () => {
    const many = Array.from({ length: mostIncoming }, (_, at) => file(String(at)))
    await expect(walkDropped([folder('many', ...many)])).rejects.toBeInstanceOf(TooManyIncoming)
    expect(await walkDropped([folder('most', ...many.slice(1))])).toHaveLength(mostIncoming)
  })

  it('fails where a folder cannot be read', async () => {
    const readEntries = (_: unknown, fail: (error: Error) => void) => fail(new Error('not readable'))
    const closed = { name: 'closed', isDirectory: true, createReader: () => ({ readEntries }) }
    await expect(walkDropped([closed as unknown as FileSystemEntry])).rejects.toThrow('not readable')
  })
})

describe('a folder that was chosen', () => {
  it('has its folders made first, the outer ones before the inner ones', () => {
    expect(pathsOf(chosenIn([chosen('site/img/c'), chosen('site/a')]))).toEqual([
      ...['>site/', 'site>img/', 'site/img>c', 'site>a'],
    ])
    const plain = Object.defineProperty(named('plain'), 'webkitRelativePath', { value: '' })
    expect(pathsOf(chosenIn([plain]))).toEqual(['>plain'])
  })

  it('is refused where it holds too much', () => {
    const many = Array.from({ length: mostIncoming }, (_, at) => chosen(`many/${at}`))
    expect(() => chosenIn(many)).toThrow(TooManyIncoming)
  })
})
