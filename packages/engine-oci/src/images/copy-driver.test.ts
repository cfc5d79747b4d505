import { lstatSync, mkdirSync, mkdtempSync, readFileSync, writeFileSync } from 'node:fs'
import { rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { nameOf } from '@flotilla/oci'
import { afterEach, beforeEach, expect, it } from 'vitest'
import { copyLayers } from './copy-driver.ts'

const strange = Buffer.from('636166e9', 'hex')
let root = ''
beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), 'flotilla-copy-'))
})
afterEach(() => rm(root, { recursive: true }))

const at = (...parts: (string | Buffer)[]) =>
  Buffer.concat([Buffer.from(root), ...parts.flatMap((part) => [Buffer.from('/'), Buffer.from(part)])])

it('hides and replaces what has names of any bytes', async () => {
  for (const layer of ['low', 'high', 'target']) mkdirSync(at(layer))
  for (const name of ['gone', 'folder', 'file', 'opaque']) mkdirSync(at('low', name))
  for (const name of ['gone', 'folder', 'opaque']) writeFileSync(at('low', name, strange), 'low')
  mkdirSync(at('low', 'file', strange))
  for (const name of ['gone', 'folder', 'file', 'opaque']) mkdirSync(at('high', name))
  mkdirSync(at('high', 'folder', strange))
  writeFileSync(at('high', 'file', strange), 'high')
  writeFileSync(at('high', 'opaque', 'new'), '')
  const name = nameOf(strange)
  const low = { folder: 'low', whiteouts: [], opaques: [] }
  const high = { folder: 'high', whiteouts: [`gone/${name}`], opaques: ['opaque'] }
  await copyLayers(root, [low, high], join(root, 'target'))
  expect(lstatSync(at('target', 'folder', strange)).isDirectory()).toBe(true)
  expect(readFileSync(at('target', 'file', strange), 'utf8')).toBe('high')
  for (const folder of ['gone', 'opaque']) expect(() => lstatSync(at('target', folder, strange))).toThrow(/ENOENT/)
})
