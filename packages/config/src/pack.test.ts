import { mkdtemp, readFile, readdir, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { brotliDecompressSync, gunzipSync } from 'node:zlib'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { packFiles, scriptBytes } from './pack.mjs'

const long = 'const answer = 42\n'.repeat(500)
let folder = ''

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'pack-'))
  await writeFile(join(folder, 'long.js'), long)
  await writeFile(join(folder, 'old.js'), long)
  await writeFile(join(folder, 'short.js'), 'short')
  await writeFile(join(folder, 'picture.png'), long)
})
afterEach(() => rm(folder, { recursive: true }))

test('what gets smaller is packed in both ways, byte for byte; short files and pictures stay as they are', async () => {
  await packFiles(folder)
  const names = ['long.js', 'long.js.br', 'long.js.gz', 'old.js', 'old.js.br', 'old.js.gz', 'picture.png', 'short.js']
  expect((await readdir(folder)).toSorted()).toEqual(names)
  expect(brotliDecompressSync(await readFile(join(folder, 'long.js.br'))).toString()).toBe(long)
  expect(gunzipSync(await readFile(join(folder, 'long.js.gz'))).toString()).toBe(long)
})

test('a page weighs the packed scripts that a browser of today loads, each once', async () => {
  await packFiles(folder)
  const page =
    '<script src="/long.js" async=""></script><script src="/long.js"></script><script src="/short.js"></script>' +
    '<script src="/old.js" noModule=""></script><script>inline</script>'
  const packed = (await readFile(join(folder, 'long.js.br'))).length
  expect(await scriptBytes(folder, page)).toBe(packed + 'short'.length)
})
