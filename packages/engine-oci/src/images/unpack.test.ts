import { randomBytes } from 'node:crypto'
import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { gzipSync } from 'node:zlib'
import { runOk } from '@flotilla/host'
import { digestOf } from '@flotilla/oci'
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
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
    maxBytes: 1024 ** 3,
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

const zeros = async () => {
  const size = 64 * 1024 ** 2
  const { stdout } = await runOk(['tar', '-c', '--format=posix', '-C', import.meta.dirname, 'unpack.ts'])
  const header = Buffer.from(stdout)
  return { tar: Buffer.concat([header.subarray(0, stdout.length - 1024), Buffer.alloc(size)]), size }
}

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
    const options = { dir, diffId: digestOf(''), packedBytes: 1, maxBytes: 1e9, onBytes() {} }
    await expect(unpackLayer(endless(), { ...options, signal: AbortSignal.timeout(15_000) })).rejects.toMatchObject({
      code: 'INVALID_ARGUMENT',
    })
    await vi.waitFor(() => expect(source.open).toBe(false), 15_000)
  })

  it('stops a bomb, and what is larger than the disk', async () => {
    const { tar, size } = await zeros()
    const bomb = gzipSync(tar, { level: 9 })
    expect(size / bomb.length).toBeGreaterThan(500)
    await expect(unpack(tar, bomb, { bombFloorBytes: 16 * 1024 ** 2 })).rejects.toMatchObject({
      code: 'RESOURCE_EXHAUSTED',
      message: expect.stringContaining('bomb') as unknown,
    })
    await expect(unpack(tar, gzipSync(tar), { maxBytes: 100 })).rejects.toMatchObject({
      code: 'RESOURCE_EXHAUSTED',
      message: expect.stringContaining("The host's disk is full") as unknown,
    })
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
      maxBytes: 1e9,
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
