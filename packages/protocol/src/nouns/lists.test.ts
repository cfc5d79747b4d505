import { readdirSync, readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { nouns, registry } from '../nouns.ts'
import { permissions } from '../permission.ts'

const here = fileURLToPath(new URL('.', import.meta.url))
const roots = ['../..', '../../../api/src'].map((root) => join(here, root))
const folders = readdirSync(here, { withFileTypes: true }).flatMap((entry) => (entry.isDirectory() ? [entry.name] : []))
const sources = roots
  .flatMap((root) => readdirSync(root, { recursive: true, encoding: 'utf8' }).map((name) => join(root, name)))
  .filter((path) => path.endsWith('.ts') && !path.endsWith('.test.ts') && !path.includes('/node_modules/'))

test.each(folders)('the noun in %s is listed once in each list', (folder) => {
  const linesOf = (list: string) =>
    readFileSync(join(here, list), 'utf8')
      .split('\n')
      .filter((line) => line.includes(`'./${folder}/`))
  expect(linesOf('index.ts')).toEqual([`export * from './${folder}/index.ts'`])
  expect(linesOf('by-plural.ts')).toHaveLength(1)
  const own = readdirSync(join(here, folder)).filter((name) => name.endsWith('-permissions.ts'))
  expect(linesOf('permissions.ts')).toEqual(own.map((name) => `export * from './${folder}/${name}'`))
})

test('nouns are listed by their plural, and with permissions that the product knows', () => {
  for (const [plural, noun] of Object.entries(nouns)) expect(noun.plural).toBe(plural)
  expect(Object.keys(registry.permissions).toSorted()).toEqual(Object.keys(permissions).toSorted())
})

test('a noun touches three lines of files that are not its own', () => {
  const named = sources
    .filter((path) => !path.startsWith(join(here, 'node/')))
    .flatMap((path) => readFileSync(path, 'utf8').split('\n'))
    .filter((line) => /nodeNoun|nodePermissions|\/node\/|nouns\.nodes/.test(line))
  expect(named).toHaveLength(3)
})
