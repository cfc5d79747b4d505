import { randomBytes } from 'node:crypto'
import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { gzipSync } from 'node:zlib'
import { runOk } from '@flotilla/host'
import { type Compression, digestOf } from '@flotilla/oci'
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

function unpack(tar: Buffer, packed: Buffer, compression: Compression, more: Partial<UnpackOptions> = {}) {
  return unpackLayer(chunks(packed), {
    dir,
    compression,
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
  it.each<[Compression, string]>([
    ['none', 'gnu'],
    ['gzip', 'posix'],
    ['zstd', 'gnu'],
  ])('unpacks %s of %s tar', async (compression, format) => {
    const tar = await archive(format)
    const packed =
      compression === 'none'
        ? tar
        : compression === 'gzip'
          ? gzipSync(tar)
          : (await runOk(['zstd', '-qc'], { stdin: tar })).stdout
    const summary = await unpack(tar, packed, compression)
    expect(summary.entries).toBe(2)
    const found = await readdir(dir, { recursive: true })
    const path = found.find((name) => name.endsWith('unpack.ts'))
    expect(path).toBe(`${'deep/'.repeat(60)}unpack.ts`)
    expect(await readFile(join(dir, path ?? ''))).toEqual(await readFile(join(import.meta.dirname, 'unpack.ts')))
  })

  it('refuses other content than promised, broken packing, and garbage', async () => {
    const tar = await archive('gnu')
    const packed = gzipSync(tar)
    await expect(unpack(Buffer.from('x'), packed, 'gzip')).rejects.toMatchObject({
      code: 'INVALID_ARGUMENT',
      message: expect.stringContaining('other content') as unknown,
    })
    for (const [data, how] of [
      [packed.subarray(0, 300), 'gzip'],
      [randomBytes(20_000), 'gzip'],
      [randomBytes(20_000), 'zstd'],
      [randomBytes(20_000), 'none'],
    ] as const) {
      await expect(unpack(tar, data, how)).rejects.toMatchObject({ code: 'INVALID_ARGUMENT' })
    }
  })

  it.each<Compression>(['none', 'gzip'])('lets go of the source of a refused %s layer', async (compression) => {
    const source = { open: false }
    const endless = async function* () {
      source.open = true
      try {
        for (;;) {
          yield Buffer.alloc(10_000, 0x55)
          await Promise.resolve()
        }
      } finally {
        source.open = false
      }
    }
    const options = { dir, compression, diffId: digestOf(''), packedBytes: 1, maxBytes: 1e9, onBytes() {} }
    await expect(unpackLayer(endless(), { ...options, signal: AbortSignal.timeout(15_000) })).rejects.toMatchObject({
      code: 'INVALID_ARGUMENT',
    })
    await vi.waitFor(() => expect(source.open).toBe(false), 15_000)
  })

  it('stops a bomb, and what is larger than the disk', async () => {
    const { tar, size } = await zeros()
    const bomb = gzipSync(tar, { level: 9 })
    expect(size / bomb.length).toBeGreaterThan(500)
    await expect(unpack(tar, bomb, 'gzip', { bombFloorBytes: 16 * 1024 ** 2 })).rejects.toMatchObject({
      code: 'RESOURCE_EXHAUSTED',
      message: expect.stringContaining('bomb') as unknown,
    })
    await expect(unpack(tar, gzipSync(tar), 'gzip', { maxBytes: 100 })).rejects.toMatchObject({
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
      compression: 'gzip' as const,
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
