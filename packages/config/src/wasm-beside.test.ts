import { randomBytes } from 'node:crypto'
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { bundle } from './bundle.mjs'

let folder: string
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'wasm-beside-'))
})
afterEach(() => rm(folder, { recursive: true, force: true }))

test('WebAssembly that came as text is loaded as the same bytes from beside the program, which does without the text', async () => {
  const bytes = randomBytes(5000)
  const text = bytes.toString('base64')
  await writeFile(join(folder, 'planner.wasm-base64.mjs'), `export const wasm = "${text}"`)
  const source = join(folder, 'source.mjs')
  await writeFile(source, `export const loaded = import('./planner.wasm-base64.mjs').then(({ wasm }) => wasm)`)
  const outdir = join(folder, 'built')
  await bundle({ entryPoints: { program: source }, outdir })
  const program = join(outdir, 'program.js')
  const { loaded } = (await import(pathToFileURL(program).href)) as { loaded: Promise<Buffer> }
  expect(await loaded).toEqual(bytes)
  expect(await readFile(program, 'utf8')).not.toContain(text.slice(0, 100))
  expect(await readFile(join(outdir, 'planner.wasm'))).toEqual(bytes)
})
