import { createServer } from 'node:net'
import { mkdir, mkdtemp, readdir, readFile, readlink, rm, stat, symlink, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { runOk } from '@flotilla/host'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import * as files from './index.ts'

let base: string
let root: string
beforeEach(async () => {
  base = await mkdtemp(join(tmpdir(), 'flotilla-files-'))
  root = join(base, 'root')
  await mkdir(join(root, 'folder'), { recursive: true })
  await writeFile(join(base, 'secret'), 'outside')
})
afterEach(() => rm(base, { recursive: true, force: true }))

const { signal } = new AbortController()
const read = async (path: string) => (await collect(files.readFileBytes(root, path, signal))).toString()
async function collect(items: AsyncIterable<Uint8Array>): Promise<Buffer> {
  const chunks: Uint8Array[] = []
  for await (const chunk of items) chunks.push(chunk)
  return Buffer.concat(chunks)
}
async function* body(...texts: string[]): AsyncGenerator<Uint8Array> {
  for (const one of texts) yield await Promise.resolve(Buffer.from(one))
}
const write = (path: string, content: string, overwrite = false) =>
  files.writeFileBytes(root, path, body(content), { overwrite, signal })
const list = (path: string, query: { limit: number; cursor?: string | undefined; search?: string }) =>
  files.listFolder(root, path, { search: '', sort: 'name', ...query }, signal)
const names = async (path: string) => (await readdir(join(root, path))).sort()

describe('what is no regular file', () => {
  it('is listed, and never opened, read, written or packed', { timeout: 5000 }, async () => {
    await runOk(['mkfifo', join(root, 'fifo')])
    const server = createServer()
    await new Promise<void>((resolve) => server.listen(join(root, 'socket'), resolve))
    try {
      const { items } = await list('', { limit: 10 })
      expect(items.map(({ name, type }) => [name, type])).toEqual([
        ['folder', 'folder'],
        ['fifo', 'fifo'],
        ['socket', 'socket'],
      ])
      for (const name of ['fifo', 'socket', 'folder']) {
        await expect(read(name)).rejects.toMatchObject({ code: 'INVALID_ARGUMENT' })
        await expect(files.readText(root, name)).rejects.toMatchObject({ code: 'INVALID_ARGUMENT' })
        await expect(write(name, 'x', true)).rejects.toMatchObject({ code: 'INVALID_ARGUMENT' })
        await expect(files.writeText(root, name, 'x', null)).rejects.toMatchObject({ code: 'INVALID_ARGUMENT' })
        expect(await files.readSmallFile(root, name)).toBeNull()
      }
      const packed: string[] = []
      for await (const { path } of files.walkTree(root, '', signal)) packed.push(path)
      expect(packed).toEqual(['', 'folder'])
      await files.renameEntry(root, 'fifo', 'folder/pipe')
      await files.removeEntry(root, 'folder', { recursive: true, signal })
      expect(await names('')).toEqual(['socket'])
    } finally {
      server.close()
    }
  })
})

describe('symbolic links', () => {
  it('that leave the folder end at its top', async () => {
    await symlink('../secret', join(root, 'up'))
    await symlink(join(base, 'secret'), join(root, 'absolute'))
    await symlink(base, join(root, 'folder', 'out'))
    for (const path of ['up', 'absolute', 'folder/out/secret', '../secret', 'folder/../../secret']) {
      await expect(read(path)).rejects.toMatchObject({ code: 'NOT_FOUND' })
    }
    await write('up', 'inside')
    expect(await readFile(join(root, 'secret'), 'utf8')).toBe('inside')
    expect(await readFile(join(base, 'secret'), 'utf8')).toBe('outside')
    await symlink('loop', join(root, 'loop'))
    await expect(read('loop')).rejects.toMatchObject({ code: 'INVALID_ARGUMENT' })
  })

  it('are renamed and removed themselves', async () => {
    await write('folder/file', 'text')
    await symlink('folder', join(root, 'link'))
    expect(await files.renameEntry(root, 'link', 'other')).toMatchObject({ type: 'symlink', linkTarget: 'folder' })
    expect(await readlink(join(root, 'other'))).toBe('folder')
    await files.removeEntry(root, 'other', { recursive: true, signal })
    expect(await names('folder')).toEqual(['file'])
  })
})

describe('writing', () => {
  it('replaces a file as a whole, with its owner and mode, and what is cut off leaves the old one', async () => {
    await write('file', 'old')
    await runOk(['chmod', '4750', join(root, 'file')])
    await expect(write('file', 'new')).rejects.toMatchObject({ code: 'ALREADY_EXISTS' })
    const cut = new AbortController()
    async function* slow(): AsyncGenerator<Uint8Array> {
      yield Buffer.from('half')
      cut.abort(new Error('cut off'))
      yield await Promise.resolve(Buffer.from('more'))
    }
    await expect(files.writeFileBytes(root, 'file', slow(), { overwrite: true, signal: cut.signal })).rejects.toThrow(
      'cut off',
    )
    expect(await read('file')).toBe('old')
    expect(await names('')).toEqual(['file', 'folder'])
    await write('file', 'new', true)
    expect(await read('file')).toBe('new')
    expect((await stat(join(root, 'file'))).mode & 0o7777).toBe(0o750)
  })

  it('keeps bytes of an .env as they are, and refuses where it was changed meanwhile', async () => {
    const env = '\ufeffDB_PASSWORD=a=b c\r\nTOKEN="geheim ü"\r\n\r\n#end without a newline'
    await writeFile(join(root, '.env'), env)
    const before = await files.readText(root, '.env')
    expect(Buffer.from(before.text)).toEqual(Buffer.from(env))
    const edited = before.text.replace('a=b c', 'd')
    const after = await files.writeText(root, '.env', edited, before.version)
    expect(await readFile(join(root, '.env'))).toEqual(Buffer.from(edited))
    expect((await files.readText(root, '.env')).version).toBe(after.version)
    await expect(files.writeText(root, '.env', 'X=1', before.version)).rejects.toMatchObject({ code: 'CONFLICT' })
    await expect(files.writeText(root, '.env', 'X=1', null)).rejects.toMatchObject({ code: 'CONFLICT' })
    await files.writeText(root, '.env', edited, before.version) // the same again is done
    await rm(join(root, '.env'))
    await expect(files.writeText(root, '.env', 'X=1', after.version)).rejects.toMatchObject({ code: 'CONFLICT' })
    expect(await names('')).toEqual(['folder'])
  })

  it('edits no text that is too large or none', async () => {
    await writeFile(join(root, 'large'), Buffer.alloc(1024 * 1024 + 1, 'a'))
    await writeFile(join(root, 'binary'), Buffer.from([0xff, 0xfe, 0]))
    await expect(files.readText(root, 'large')).rejects.toThrow(/larger than 1048576/)
    await expect(files.readText(root, 'binary')).rejects.toThrow(/no UTF-8 text/)
    await writeFile(join(root, 'large'), Buffer.alloc(1024 * 1024, 'a'))
    expect((await files.readText(root, 'large')).text).toHaveLength(1024 * 1024)
  })
})

describe('listing', () => {
  /** All pages of a folder, one after the other; `meanwhile` is called between two. */
  async function pages(path: string, limit: number, meanwhile: (page: number) => Promise<void> = async () => {}) {
    const seen: string[] = []
    let cursor: string | undefined
    for (let page = 1; ; page += 1) {
      const { items, next } = await list(path, { limit, cursor })
      seen.push(...items.map(({ name }) => name))
      if (next === null) return seen
      cursor = next
      await meanwhile(page)
    }
  }
  const file = (name: string) => writeFile(join(root, 'folder', name), '')

  it('gives pages in the order of names, each entry with its path from the top', async () => {
    for (let at = 0; at < 25; at += 1) await file(`f${String(at).padStart(2, '0')}`)
    const { items, ...page } = await list('/folder/', { limit: 10 })
    expect(page).toMatchObject({ total: 25, truncated: false })
    expect(items[0]).toMatchObject({ id: 'folder/f00', name: 'f00' })
    expect(await pages('folder', 10)).toEqual(await names('folder'))
    expect((await list('folder', { limit: 10, search: 'F2' })).items.map(({ name }) => name)).toEqual([
      ...['f20', 'f21', 'f22', 'f23', 'f24'],
    ])
  })

  it('has folders before files, by name within each, also over pages and where names are searched', async () => {
    for (const name of ['b', 'z', 'data-1']) await file(name)
    for (const name of ['c', 'a', 'data-2']) await mkdir(join(root, 'folder', name))
    await symlink('a', join(root, 'folder', 'link'))
    const wanted = ['a', 'c', 'data-2', 'b', 'data-1', 'link', 'z']
    for (const limit of [1, 2, 3, 100]) expect(await pages('folder', limit)).toEqual(wanted)
    const { items } = await list('folder', { limit: 10, search: 'data' })
    expect(items.map(({ name }) => name)).toEqual(['data-2', 'data-1'])
  })

  it('shows none twice and leaves none out that stayed, while others come and go', async () => {
    const stayed = Array.from({ length: 60 }, (_, at) => `s${String(at).padStart(2, '0')}`)
    for (const name of stayed) await file(name)
    const seen = await pages('folder', 7, async (page) => {
      await file(`s${String(page * 5).padStart(2, '0')}-new`)
      await file(`a${page}`)
      await rm(join(root, 'folder', `a${page - 1}`), { force: true })
    })
    expect(seen).toEqual([...new Set(seen)].sort())
    expect(stayed.filter((name) => !seen.includes(name))).toEqual([])
  })

  it('takes names of any characters through its cursors', async () => {
    const odd = ['\u0001'.repeat(255), 'ü'.repeat(127), '🚢 "a\\b"', 'line\nbreak', '~']
    for (const name of odd) await file(name)
    expect(await pages('folder', 1)).toEqual([...odd].sort())
  })

  const many = process.env['FLOTILLA_LONG'] === '1' ? 100_000 : 20_000
  it(`pages a folder of ${many} entries without holding them`, { timeout: 60_000 }, async () => {
    const script = `for (let at = 0; at < ${many}; at += 1) fs.closeSync(fs.openSync(process.argv[1] + '/' + at, 'w'))`
    await runOk([process.execPath, '-e', script, join(root, 'folder')])
    const wanted = (await names('folder')).slice(0, 3000)
    const seen: string[] = []
    let cursor: string | undefined
    while (seen.length < 3000) {
      const { items, next, total } = await list('folder', { limit: 1000, cursor })
      expect(total).toBe(many)
      seen.push(...items.map(({ name }) => name))
      cursor = next ?? undefined
    }
    expect(seen).toEqual(wanted)
  })

  it('ends with its signal, and refuses a cursor of something else', async () => {
    const ended = AbortSignal.abort(new Error('gone'))
    const query = { limit: 10, search: '', sort: 'name' }
    await expect(files.listFolder(root, '', query, ended)).rejects.toThrow('gone')
    const other = Buffer.from(JSON.stringify(['tag', 'name', 'a', 'a'])).toString('base64url')
    for (const cursor of ['nonsense', '%%%', other, 'e30']) {
      await expect(list('', { limit: 10, cursor })).rejects.toMatchObject({ code: 'INVALID_ARGUMENT' })
    }
  })
})

describe('removing', () => {
  it('takes trees deeper than any path, and names that are no UTF-8', async () => {
    const script = `
      process.chdir(process.argv[1])
      fs.writeFileSync(Buffer.from([0x6e, 0xff, 0x78]), '')
      for (let at = 0; at < 400; at += 1) { fs.mkdirSync('d'.repeat(100)); process.chdir('d'.repeat(100)) }
      fs.writeFileSync('bottom', '')`
    await runOk([process.execPath, '-e', script, join(root, 'folder')])
    await files.removeEntry(root, 'folder', { recursive: true, signal })
    expect(await names('')).toEqual([])
  })

  it('takes no full folder without being told', async () => {
    await write('folder/file', 'x')
    await expect(files.removeEntry(root, 'folder', { recursive: false, signal })).rejects.toMatchObject({
      code: 'CONFLICT',
    })
    await files.removeEntry(root, 'folder/file', { recursive: false, signal })
    await files.removeEntry(root, 'folder', { recursive: false, signal })
    await expect(files.removeEntry(root, 'folder', { recursive: true, signal })).rejects.toMatchObject({
      code: 'NOT_FOUND',
    })
  })

  it('empties a folder and keeps it, and never takes the top', async () => {
    await write('folder/file', 'x')
    await expect(files.removeEntry(root, '/', { recursive: true, signal })).rejects.toMatchObject({
      code: 'INVALID_ARGUMENT',
    })
    await files.emptyFolder(root, signal)
    expect(await names('')).toEqual([])
  })
})

describe('making and renaming', () => {
  it('takes no name that is there', async () => {
    await write('file', 'x')
    await files.makeFolder(root, 'folder/new')
    await expect(files.makeFolder(root, 'folder/new')).rejects.toMatchObject({ code: 'ALREADY_EXISTS' })
    await expect(files.makeFolder(root, 'no/new')).rejects.toMatchObject({ code: 'NOT_FOUND' })
    await expect(files.renameEntry(root, 'file', 'folder')).rejects.toMatchObject({ code: 'ALREADY_EXISTS' })
    await expect(files.renameEntry(root, 'none', 'some')).rejects.toMatchObject({ code: 'NOT_FOUND' })
    await files.renameEntry(root, 'file', 'folder/new/file')
    expect(await read('folder/new/file')).toBe('x')
  })
})
