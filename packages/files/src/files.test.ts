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
const names = async (path: string) => (await readdir(join(root, path))).sort()

describe('what is no regular file', () => {
  it('is listed, and never opened, read, written or packed', { timeout: 5000 }, async () => {
    await runOk(['mkfifo', join(root, 'fifo')])
    const server = createServer()
    await new Promise<void>((resolve) => server.listen(join(root, 'socket'), resolve))
    try {
      const { entries } = await files.listFolder(root, '', { limit: 10 })
      expect(entries.map(({ name, type }) => [name, type])).toEqual([
        ['fifo', 'fifo'],
        ['folder', 'folder'],
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
  it('gives pages in the order of names', async () => {
    for (let at = 0; at < 25; at += 1) await writeFile(join(root, 'folder', `f${String(at).padStart(2, '0')}`), '')
    const seen: string[] = []
    let after: string | undefined
    do {
      const page = await files.listFolder(root, '/folder/', { after, limit: 10 })
      expect(page).toMatchObject({ total: 25, truncated: false })
      seen.push(...page.entries.map(({ name }) => name))
      after = page.next ?? undefined
    } while (after !== undefined)
    expect(seen).toEqual(await names('folder'))
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
