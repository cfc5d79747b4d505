import { mkdir, mkdtemp, readdir, readFile, readlink, rm, stat, symlink } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import * as files from './index.ts'

let root: string
beforeEach(async () => {
  root = await mkdtemp(join(tmpdir(), 'flotilla-names-'))
  await mkdir(join(root, 'folder'))
})
afterEach(() => rm(root, { recursive: true, force: true }))

const { signal } = new AbortController()
const read = (path: string) => readFile(join(root, path), 'utf8')
const names = async (path: string) => (await readdir(join(root, path))).sort()
async function* body(text: string): AsyncGenerator<Uint8Array> {
  yield await Promise.resolve(Buffer.from(text))
}
const write = (path: string, text: string) => files.writeFileBytes(root, path, body(text), { overwrite: false, signal })

describe('one new name that several want at once', () => {
  const rounds = process.env['FLOTILLA_LONG'] === '1' ? 60 : 20
  /** The one that got through; the others are told that the name is taken. */
  async function onlyOne<T>(tries: Promise<T>[]): Promise<T> {
    const results = await Promise.allSettled(tries)
    const done = results.flatMap((result) => (result.status === 'fulfilled' ? [result.value] : []))
    const refused = results.flatMap((result) => (result.status === 'rejected' ? [result.reason as unknown] : []))
    for (const error of refused) expect(error).toMatchObject({ code: 'ALREADY_EXISTS' })
    expect(done).toHaveLength(1)
    return done[0] as T
  }

  it('is written by one of them', async () => {
    for (let round = 0; round < rounds; round += 1) {
      const path = `folder/new-${round}`
      const texts = ['one', 'two', 'three']
      const winner = await onlyOne(texts.map((text) => write(path, text).then(() => text)))
      expect(await read(path)).toBe(winner)
      expect((await stat(join(root, path))).nlink).toBe(1)
    }
    expect(await names('folder')).toHaveLength(rounds)
  })

  it('is given to one file or folder, and the others keep theirs', async () => {
    for (let round = 0; round < rounds; round += 1) {
      const sources = ['a', 'b', 'folder'].map((name) => `${name}-${round}`)
      for (const [at, name] of sources.entries()) await (at < 2 ? write(name, name) : files.makeFolder(root, name))
      const path = `folder/new-${round}`
      const winner = await onlyOne(sources.map((from) => files.renameEntry(root, from, path).then(() => from)))
      const left = (await names('')).filter((name) => name.endsWith(`-${round}`))
      expect(left).toEqual(sources.filter((name) => name !== winner))
      if (winner !== sources[2]) expect(await read(path)).toBe(winner)
    }
  })

  it('is written or given, not both', async () => {
    for (let round = 0; round < rounds; round += 1) {
      await write(`old-${round}`, 'renamed')
      const path = `new-${round}`
      const winner = await onlyOne([
        write(path, 'written').then(() => 'written'),
        files.renameEntry(root, `old-${round}`, path).then(() => 'renamed'),
      ])
      expect(await read(path)).toBe(winner)
    }
  })

  it('is not taken from a process that makes it meanwhile', async () => {
    async function* late(): AsyncGenerator<Uint8Array> {
      yield Buffer.from('written')
      await symlink('nowhere', join(root, 'new'))
    }
    await expect(files.writeFileBytes(root, 'new', late(), { overwrite: true, signal })).rejects.toThrow()
    expect(await readlink(join(root, 'new'))).toBe('nowhere')
    expect(await names('')).toEqual(['folder', 'new'])
  })
})
