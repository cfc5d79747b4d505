import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, it } from 'vitest'
import { KnownEngines } from './known-engines.ts'

let folder: string
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'engines-'))
})
afterEach(() => rm(folder, { recursive: true }))

async function open() {
  const warnings: string[] = []
  const known = await KnownEngines.open(folder, { warn: (_, message) => warnings.push(message) })
  return { known, warnings }
}

it.each(['', '["dock', '{"docker":true}'])('sets a file aside that holds %j, and begins anew', async (text) => {
  await writeFile(join(folder, 'engines.json'), text)
  const { known, warnings } = await open()
  expect([known.has('docker'), warnings]).toEqual([false, [expect.stringMatching(/cannot be read and is set aside/)]])
  expect(await readFile(join(folder, 'engines.json.unreadable'), 'utf8')).toBe(text)
  await known.add('docker')
  const next = await open()
  expect([next.known.has('docker'), next.warnings]).toEqual([true, []])
})
