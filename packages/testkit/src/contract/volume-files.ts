import type { Volume } from '@flotilla/protocol'
import { expect } from 'vitest'
import { codeOf, collect, type Kit, scope } from './kit.ts'
import type { Topic } from './topic.ts'

const needs = (...verbs: string[]) => [
  'volumes.create',
  'containers.create.mounts.volume',
  ...verbs.map((verb) => `volumeFiles.${verb}`),
]

async function* body(...parts: (string | Uint8Array)[]): AsyncGenerator<Uint8Array> {
  for (const part of parts) yield await Promise.resolve(Buffer.from(part))
}

/** What a script in a container says of the volume. */
async function seen(kit: Kit, { name }: Volume, script: string): Promise<string[]> {
  const mounts = [{ type: 'volume' as const, source: name, target: '/data' }]
  return (await kit.run(`cd /data; ${script}`, { mounts })).out
}

async function read(kit: Kit, id: string, path: string, as: 'bytes' | 'tar' = 'bytes'): Promise<Buffer> {
  return Buffer.concat(await collect(kit.engine.volumeFiles.read({ id, path, as }, scope)))
}

/** The files of a volume, from outside of any container and as one sees them from inside. */
export const volumeFiles: Topic = (test, own) => {
  for (const topic of [volumeFilesThemselves, volumeFilePages, volumeFileChanges]) topic(test, own)
}

const volumeFilesThemselves: Topic = (test) => {
  test('lists a folder page by page, with each field of what is in it', needs('list', 'mkdir'), async (kit) => {
    const { volumeFiles } = kit.engine
    const volume = await kit.volume()
    const made =
      'mkdir b; echo hello > a; chmod 640 a; chown 12:34 a; touch -d "2001-02-03 04:05:06" a; ln -s b c; mkfifo d; echo > b/in'
    await seen(kit, volume, made)
    const { items: entries, ...page } = await volumeFiles.list({ id: volume.id, path: '' }, scope)
    expect(page).toMatchObject({ next: null, total: 4, truncated: false })
    const modifiedAt = '2001-02-03T04:05:06.000Z'
    const file = {
      id: 'a',
      name: 'a',
      type: 'file',
      sizeBytes: 6,
      mode: 0o640,
      uid: 12,
      gid: 34,
      modifiedAt,
      linkTarget: null,
    }
    // Folders first; a link to one is a link.
    expect(entries[0]).toMatchObject({ name: 'b', type: 'folder', mode: 0o755, uid: 0, gid: 0, linkTarget: null })
    expect(entries[1]).toEqual(file)
    expect(entries.slice(2)).toMatchObject([
      { name: 'c', type: 'symlink', linkTarget: 'b' },
      { name: 'd', type: 'fifo', linkTarget: null },
    ])
    const first = await volumeFiles.list({ id: volume.name, path: '/', limit: 1 }, scope)
    expect(first.items).toEqual(entries.slice(0, 1))
    const cursor = first.next ?? ''
    const rest = await volumeFiles.list({ id: volume.id, path: '', cursor, limit: 3 }, scope)
    expect(rest).toMatchObject({ items: entries.slice(1), next: null, total: 4, truncated: false })
    const inner = await volumeFiles.list({ id: volume.id, path: 'b' }, scope)
    expect(inner.items).toMatchObject([{ id: 'b/in', name: 'in' }])
    expect(await codeOf(volumeFiles.list({ id: volume.id, path: 'a' }, scope))).toBe('INVALID_ARGUMENT')
    expect(await codeOf(volumeFiles.list({ id: volume.id, path: 'none' }, scope))).toBe('NOT_FOUND')
    expect(await codeOf(volumeFiles.list({ id: volume.id, path: '../..' }, scope))).toBe('INVALID_ARGUMENT')
  })

  test('takes a file byte for byte, and gives it back so', needs('write', 'read'), async (kit) => {
    const { volumeFiles } = kit.engine
    const { id } = await kit.volume()
    const bytes = Buffer.from(Array.from({ length: 300_000 }, (_, at) => (at * 31) % 256))
    const half = bytes.length / 2
    const entry = await volumeFiles.write(
      { id, path: 'all bytes' },
      body(bytes.subarray(0, half), bytes.subarray(half)),
      scope,
    )
    expect(entry).toMatchObject({ name: 'all bytes', type: 'file', sizeBytes: bytes.length, mode: 0o644 })
    expect((await read(kit, id, 'all bytes')).equals(bytes)).toBe(true)
    expect(await codeOf(volumeFiles.write({ id, path: 'all bytes' }, body('x'), scope))).toBe('ALREADY_EXISTS')
    await volumeFiles.write({ id, path: '/all bytes', overwrite: true }, body('new'), scope)
    expect((await read(kit, id, 'all bytes')).toString()).toBe('new')
    expect(await codeOf(volumeFiles.write({ id, path: 'no/folder' }, body('x'), scope))).toBe('NOT_FOUND')
    expect(await codeOf(read(kit, id, 'none'))).toBe('NOT_FOUND')
  })

  test('gives a folder as an archive, links as links', needs('read'), async (kit) => {
    const volume = await kit.volume()
    await seen(kit, volume, 'mkdir folder; echo hello > folder/file; ln -s /etc/passwd folder/link; mkfifo folder/pipe')
    const blocks = headers(await read(kit, volume.id, 'folder', 'tar'))
    expect(blocks.map(({ name, type }) => [name, type]).sort()).toEqual([
      ['folder/', '5'],
      ['folder/file', '0'],
      ['folder/link', '2'],
    ])
    expect(blocks.find(({ type }) => type === '0')?.bytes.toString()).toBe('hello\n')
    expect(blocks.find(({ type }) => type === '2')?.link).toBe('/etc/passwd')
  })
}

const volumeFilePages: Topic = (test) => {
  const title = 'gives a folder page by page: each entry once and in order, while others come and go'
  test(title, needs('list', 'write', 'remove'), async (kit) => {
    const { volumeFiles } = kit.engine
    const { id } = await kit.volume()
    const put = (name: string) => volumeFiles.write({ id, path: name }, body('x'), scope)
    const numbers = Array.from({ length: 23 }, (_, at) => `f${String((at * 7) % 23).padStart(2, '0')}`)
    for (const name of numbers) await put(name)
    const page = (more: object) => volumeFiles.list({ id, path: '', limit: 5, ...more }, scope)
    const before = Date.now()
    const first = await page({})
    expect(first.total).toBe(23)
    expect(Math.abs(Date.parse(first.askedAt) - before)).toBeLessThan(60_000) // the host's clock
    // What was shown goes, and so does one that was not; others come before and behind the cursor.
    for (const path of ['f02', 'f15']) await volumeFiles.remove({ id, path }, scope)
    for (const name of ['a', 'f04-late', 'f20-new']) await put(name)
    const seen = first.items.map(({ name }) => name)
    for (let cursor = first.next; cursor !== null; ) {
      const { items, next } = await page({ cursor })
      expect(items.length).toBeLessThanOrEqual(5)
      seen.push(...items.map(({ name }) => name))
      cursor = next
    }
    const stayed = numbers.filter((name) => name !== 'f15')
    expect(seen).toEqual([...stayed, 'f04-late', 'f20-new'].sort())
    expect((await page({ search: 'new' })).items.map(({ name }) => name)).toEqual(['f20-new'])
    for (const cursor of ['nonsense', 'WyJ0YWciLCJuYW1lIiwiYSIsImEiXQ', 'x'.repeat(9000)]) {
      expect(await codeOf(page({ cursor }))).toBe('INVALID_ARGUMENT')
    }
  })
}

const volumeFileChanges: Topic = (test) => {
  test('makes folders, renames and removes', needs('mkdir', 'write', 'rename', 'remove', 'list'), async (kit) => {
    const { volumeFiles } = kit.engine
    const volume = await kit.volume()
    const { id } = volume
    expect(await volumeFiles.mkdir({ id, path: 'folder' }, scope)).toMatchObject({ name: 'folder', type: 'folder' })
    expect(await codeOf(volumeFiles.mkdir({ id, path: 'folder' }, scope))).toBe('ALREADY_EXISTS')
    await volumeFiles.write({ id, path: 'folder/a' }, body('text'), scope)
    const moved = await volumeFiles.rename({ id, path: 'folder/a', to: 'b' }, scope)
    expect(moved).toMatchObject({ name: 'b', type: 'file', sizeBytes: 4 })
    expect(await seen(kit, volume, 'cat b; ls folder')).toEqual(['text'])
    expect(await codeOf(volumeFiles.rename({ id, path: 'b', to: 'folder' }, scope))).toBe('ALREADY_EXISTS')
    await volumeFiles.rename({ id, path: 'b', to: 'folder/c' }, scope)
    expect(await codeOf(volumeFiles.remove({ id, path: 'folder' }, scope))).toBe('CONFLICT')
    await volumeFiles.remove({ id, path: 'folder', recursive: true }, scope)
    expect((await volumeFiles.list({ id, path: '' }, scope)).items).toEqual([])
    expect(await codeOf(volumeFiles.remove({ id, path: 'folder' }, scope))).toBe('NOT_FOUND')
  })

  test('edits a text, but not over what somebody changed meanwhile', needs('readText', 'writeText'), async (kit) => {
    const { volumeFiles } = kit.engine
    const volume = await kit.volume()
    const { id } = volume
    const env = 'DB_PASSWORD=hunter2\r\nAPI_TOKEN="a b"\nURL=postgres://app:geheim@db/x'
    const made = await volumeFiles.writeText({ id, path: '.env', text: env, expected: null }, scope)
    expect(made.entry).toMatchObject({ name: '.env', type: 'file', sizeBytes: env.length })
    const first = await volumeFiles.readText({ id, path: '.env' }, scope)
    expect(first).toEqual({ text: env, ...made })
    expect(await codeOf(volumeFiles.writeText({ id, path: '.env', text: 'x', expected: null }, scope))).toBe('CONFLICT')
    await seen(kit, volume, 'echo changed >> .env')
    const stale = { id, path: '.env', text: 'mine', expected: first.version }
    expect(await codeOf(volumeFiles.writeText(stale, scope))).toBe('CONFLICT')
    const second = await volumeFiles.readText({ id, path: '.env' }, scope)
    expect(second.text).toBe(`${env}changed\n`)
    expect(second.version).not.toBe(first.version)
    await volumeFiles.writeText({ ...stale, expected: second.version }, scope)
    expect(await seen(kit, volume, 'cat .env')).toEqual(['mine'])
  })
}

interface Block {
  name: string
  type: string
  link: string
  bytes: Buffer
}

/** The entries of a tar archive with short names. */
function headers(archive: Buffer): Block[] {
  const found: Block[] = []
  const text = (at: number, from: number, length: number) =>
    archive.toString('latin1', at + from, at + from + length).replace(/\0.*$/s, '')
  for (let at = 0; at + 512 <= archive.length && archive[at] !== 0; ) {
    const size = Number.parseInt(text(at, 124, 12), 8)
    const bytes = archive.subarray(at + 512, at + 512 + size)
    found.push({ name: text(at, 0, 100), type: text(at, 156, 1), link: text(at, 157, 100), bytes })
    at += 512 + Math.ceil(size / 512) * 512
  }
  return found
}
