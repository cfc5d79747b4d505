import { randomBytes } from 'node:crypto'
import { mkdir, mkdtemp, open, readdir, readFile, rm, stat } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { PassThrough } from 'node:stream'
import { constants, createGzip, gzipSync } from 'node:zlib'
import { runOk } from '@flotilla/host'
import { digestOf, encodeEntry, endOfArchive, nameOf, type TarHeader } from '@flotilla/oci'
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { judgeSize } from './size-judge.ts'
import { unpackLayer, type UnpackOptions } from './unpack.ts'

let dir = ''
beforeEach(async () => {
  dir = await mkdtemp(join(tmpdir(), 'flotilla-unpack-'))
})
afterEach(() => rm(dir, { recursive: true }))

async function* chunks(data: Buffer): AsyncGenerator<Buffer> {
  for (let at = 0; at < data.length; at += 10_000) {
    yield data.subarray(at, at + 10_000)
    await Promise.resolve()
  }
}

function unpack(tar: Buffer, packed: Buffer, more: Partial<UnpackOptions> = {}) {
  return unpackLayer(chunks(packed), {
    dir,
    diffId: digestOf(tar),
    packedBytes: packed.length,
    freeBytes: 1024 ** 3,
    signal: AbortSignal.timeout(15_000),
    onBytes: () => {},
    ...more,
  })
}

/** GNU tar's own archive of this package, with names too long for a plain header. */
async function archive(format: string): Promise<Buffer> {
  const long = `s,^,${'deep/'.repeat(60)},`
  const owner = ['--owner=3000000', '--group=3000000', '--numeric-owner']
  const argv = ['tar', '-c', `--format=${format}`, ...owner, '--xform', long, '-C', import.meta.dirname]
  return (await runOk([...argv, 'unpack.ts', 'catalog.ts'])).stdout
}

const empty: TarHeader = {
  ...{ name: 'x', kind: 'file', linkName: '', mode: 0o644, uid: 0, gid: 0 },
  ...{ sizeBytes: 0, mtime: 0, deviceMajor: 0, deviceMinor: 0 },
}

const zeros = async () => {
  const size = 32 * 1024 ** 2
  const { stdout } = await runOk(['tar', '-c', '--format=posix', '-C', import.meta.dirname, 'unpack.ts'])
  const header = Buffer.from(stdout)
  return { tar: Buffer.concat([header.subarray(0, stdout.length - 1024), Buffer.alloc(size)]), size }
}

/** What lies in the folder: type, size, blocks, links and target of each, its name in bytes as hexadecimal. */
async function listed(): Promise<string[]> {
  const { stdout } = await runOk(['find', dir, '-mindepth', '1', '-printf', '%P\\0%y %s %n %l\\0'])
  const words = stdout.toString('latin1').split('\0')
  return words
    .flatMap((word, at) => (at % 2 === 0 && word !== '' ? [`${word} ${words[at + 1] ?? ''}`.trim()] : []))
    .sort()
}

describe('what GNU tar makes of a rewritten layer', () => {
  const entry = (header: Partial<TarHeader>) => encodeEntry({ ...empty, ...header })
  const made = (...entries: Buffer[]) => {
    const tar = Buffer.concat([...entries, endOfArchive])
    return unpack(tar, tar)
  }

  it('lies below links inside, and not where they lead outside', async () => {
    const outside = await mkdtemp(join(tmpdir(), 'flotilla-outside-'))
    await made(
      entry({ name: 'usr/lib/', kind: 'directory' }),
      entry({ name: 'lib', kind: 'symlink', linkName: 'usr/lib' }),
      entry({ name: 'lib/x' }),
      entry({ name: `${outside.slice(1)}/`, kind: 'directory' }),
      entry({ name: 'out', kind: 'symlink', linkName: outside }),
      entry({ name: 'out/y' }),
      entry({ name: 'lib/z', kind: 'link', linkName: 'lib/x' }),
    )
    const inside = `${outside.slice(1)}/y f 0 1`
    expect(await listed()).toEqual(
      expect.arrayContaining(['lib l 7 1 usr/lib', 'usr/lib/x f 0 2', 'usr/lib/z f 0 2', inside]),
    )
    expect(await readdir(outside)).toEqual([])
    await rm(outside, { recursive: true })
  })

  it('has no more of aufs than its hard links', async () => {
    await made(
      entry({ name: '.wh..wh.orph/', kind: 'directory' }),
      entry({ name: '.wh..wh.plnk/1.2' }),
      entry({ name: 'a', kind: 'link', linkName: '.wh..wh.plnk/1.2' }),
      entry({ name: 'b', kind: 'link', linkName: '.wh..wh.plnk/1.2' }),
    )
    expect(await listed()).toEqual(['a f 0 2', 'b f 0 2'])
  })

  it('has names and targets of any bytes, in headers and in records', async () => {
    const strange = nameOf(Buffer.from('6361666520e9ff', 'hex'))
    const long = `${'l'.repeat(120)}${strange}`
    await made(
      entry({ name: `${strange}/`, kind: 'directory' }),
      entry({ name: `${strange}/${long}` }),
      entry({ name: 'link', kind: 'symlink', linkName: long }),
      entry({ name: 'hard', kind: 'link', linkName: `${strange}/${long}` }),
    )
    const bytes = 'cafe \xe9\xff'
    const name = `${'l'.repeat(120)}${bytes}`
    expect(await listed()).toEqual(
      [`${bytes} d`, `${bytes}/${name} f 0 2`, 'hard f 0 2', `link l 127 1 ${name}`].map(
        (line) => expect.stringContaining(line) as unknown,
      ),
    )
    await rm(dir, { recursive: true })
    await mkdir(dir)
  })

  it.each(['gnu', '0.0', '0.1', '1.0'])('has the holes of a sparse file in the format %s', async (format) => {
    const source = await mkdtemp(join(tmpdir(), 'flotilla-sparse-'))
    const size = 16 * 1024 ** 2
    const file = await open(join(source, 'sparse'), 'w')
    await file.write('start', 0)
    await file.write('middle', 7 * 1024 ** 2)
    await file.truncate(size)
    await file.close()
    const how = format === 'gnu' ? ['--format=gnu'] : ['--format=posix', `--sparse-version=${format}`]
    const argv = ['tar', '-c', '--sparse', ...how, '-C', source, 'sparse']
    const tar = (await runOk(argv)).stdout
    expect(await unpack(tar, tar)).toMatchObject({ entries: 1, sizeBytes: size })
    await runOk(['cmp', join(source, 'sparse'), join(dir, 'sparse')])
    const { blocks } = await stat(join(dir, 'sparse'))
    expect(blocks * 512).toBeLessThan(1024 ** 2)
    await rm(source, { recursive: true })
  })
})

describe('unpacking', () => {
  it.each<[string, string[] | undefined, string]>([
    ['plain', undefined, 'gnu'],
    ['gzip', ['gzip', '-c'], 'posix'],
    ['bzip2', ['bzip2', '-c'], 'gnu'],
    ['xz', ['xz', '-9c'], 'posix'],
    ['zstd', ['zstd', '-qc'], 'gnu'],
  ])('tells a %s archive by its first bytes', async (_name, pack, format) => {
    const tar = await archive(format)
    const packed = pack === undefined ? tar : (await runOk(pack, { stdin: tar })).stdout
    const summary = await unpack(tar, packed)
    expect(summary.entries).toBe(2)
    const found = await readdir(dir, { recursive: true })
    const path = found.find((name) => name.endsWith('unpack.ts'))
    expect(path).toBe(`${'deep/'.repeat(60)}unpack.ts`)
    expect(await readFile(join(dir, path ?? ''))).toEqual(await readFile(join(import.meta.dirname, 'unpack.ts')))
  })

  it('refuses other content than promised, broken packing, and garbage', async () => {
    const tar = await archive('gnu')
    const packed = gzipSync(tar)
    await expect(unpack(Buffer.from('x'), packed)).rejects.toMatchObject({
      code: 'INVALID_ARGUMENT',
      message: expect.stringContaining('other content') as unknown,
    })
    const begun = (magic: string) => Buffer.concat([Buffer.from(magic, 'hex'), randomBytes(20_000)])
    const garbage = ['1f8b08', '28b52ffd', '425a6839', 'fd377a585a00', '00'].map(begun)
    for (const data of [packed.subarray(0, 300), ...garbage]) {
      await expect(unpack(tar, data)).rejects.toMatchObject({ code: 'INVALID_ARGUMENT' })
    }
  })

  it('takes a layer without a byte, and one whose first frame of zstd is to be skipped', async () => {
    const empty = Buffer.alloc(0)
    expect(await unpack(empty, empty)).toMatchObject({ entries: 0 })
    const tar = await archive('gnu')
    const skipped = Buffer.from('502a4d1804000000abababab', 'hex')
    const { stdout } = await runOk(['zstd', '-qc'], { stdin: tar })
    expect(await unpack(tar, Buffer.concat([skipped, stdout]))).toMatchObject({ entries: 2 })
  })

  it.each([
    ['plain', ''],
    ['gzip', '1f8b08'],
  ])('lets go of the source of a refused %s layer', async (_name, magic) => {
    const source = { open: false }
    const endless = async function* () {
      source.open = true
      try {
        yield Buffer.from(magic, 'hex')
        for (;;) {
          yield Buffer.alloc(10_000, 0x55)
          await Promise.resolve()
        }
      } finally {
        source.open = false
      }
    }
    const options = { dir, diffId: digestOf(''), packedBytes: 1, freeBytes: 1e9, onBytes() {} }
    await expect(unpackLayer(endless(), { ...options, signal: AbortSignal.timeout(15_000) })).rejects.toMatchObject({
      code: 'INVALID_ARGUMENT',
    })
    await vi.waitFor(() => expect(source.open).toBe(false), 15_000)
  })

  it('takes much of nothing where there is room, and stops what is a bomb or larger than the disk', async () => {
    const { tar, size } = await zeros()
    const bomb = gzipSync(tar, { level: 9 })
    expect(size / bomb.length).toBeGreaterThan(500)
    const small = { bombFloorBytes: 8 * 1024 ** 2 }
    expect(await unpack(tar, bomb, small)).toMatchObject({ entries: 1 })
    for (const packedBytes of [bomb.length, 0]) {
      await expect(unpack(tar, bomb, { ...small, packedBytes, freeBytes: 34 * 1024 ** 2 })).rejects.toMatchObject({
        code: 'RESOURCE_EXHAUSTED',
        message: expect.stringContaining('bomb') as unknown,
      })
    }
    await expect(unpack(tar, gzipSync(tar), { freeBytes: 100 })).rejects.toMatchObject({
      code: 'RESOURCE_EXHAUSTED',
      message: expect.stringContaining("The host's disk is full") as unknown,
    })
  })

  it.each([
    ['a bomb', true, 40, 'image.bomb'],
    ['larger than the disk', false, 2, 'image.diskFull'],
  ])('writes nothing of what says itself that it is %s', async (_what, isPacked, gibibytes, kind) => {
    const header = encodeEntry({ ...empty, sizeBytes: gibibytes * 1024 ** 3 })
    const pack = isPacked ? createGzip({ flush: constants.Z_SYNC_FLUSH }) : new PassThrough()
    const source = { open: true }
    const endless = async function* () {
      try {
        pack.write(header)
        pack.write(Buffer.alloc(10_000))
        yield* pack as AsyncIterable<Buffer>
      } finally {
        source.open = false
      }
    }
    const options = { dir, diffId: digestOf(''), packedBytes: 40 * 1024 ** 2, onBytes() {} }
    const room = { freeBytes: isPacked ? 1024 ** 4 : 1024 ** 3, signal: AbortSignal.timeout(15_000) }
    await expect(unpackLayer(endless(), { ...options, ...room })).rejects.toMatchObject({ kind })
    expect(await readdir(dir)).toEqual([])
    pack.end()
    await vi.waitFor(() => expect(source.open).toBe(false), 15_000)
  })

  it('judges by ratio, size and what the disk has together', () => {
    const size = 3 * 1024 ** 3
    expect(() => judgeSize(size, 3 * 1024 ** 2, { freeBytes: 4 * 1024 ** 3 })).not.toThrow()
    expect(() => judgeSize(size, 3 * 1024 ** 2, { freeBytes: 3.2 * 1024 ** 3 })).toThrow(/bomb/)
    expect(() => judgeSize(10 * 1024 ** 3, 10 * 1024 ** 2, { freeBytes: 1024 ** 4 })).toThrow(/bomb/)
    expect(() => judgeSize(10 * 1024 ** 3, 1024 ** 3, { freeBytes: 1024 ** 4 })).not.toThrow()
    expect(() => judgeSize(10 * 1024 ** 3, undefined, { freeBytes: 1024 ** 4 })).not.toThrow()
    expect(() => judgeSize(size, 1024 ** 3, { freeBytes: 1024 ** 3 })).toThrow(/disk is full/)
  })

  it('passes on what its source throws, and ends at once when cancelled', async () => {
    const tar = await archive('gnu')
    const failing = async function* () {
      yield gzipSync(tar).subarray(0, 100)
      await Promise.resolve()
      throw new Error('the wire broke')
    }
    const options = {
      dir,
      diffId: digestOf(tar),
      packedBytes: 1000,
      freeBytes: 1e9,
      onBytes: () => {},
    }
    await expect(unpackLayer(failing(), { ...options, signal: AbortSignal.timeout(5000) })).rejects.toMatchObject({
      code: 'INTERNAL',
      detail: expect.stringContaining('the wire broke') as unknown,
    })
    const endless = async function* () {
      yield gzipSync(tar).subarray(0, 100)
      await new Promise((resolve) => setTimeout(resolve, 60_000).unref())
    }
    const started = performance.now()
    await expect(unpackLayer(endless(), { ...options, signal: AbortSignal.timeout(100) })).rejects.toMatchObject({
      code: 'CANCELLED',
    })
    expect(performance.now() - started).toBeLessThan(15_000)
  })
})
