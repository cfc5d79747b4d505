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
  const own = readdirSync(join(here, folder))
  const facts = own.filter((name) => name.endsWith('-facts.ts'))
  expect(linesOf('facts.ts')).toEqual(facts.map((name) => `export * from './${folder}/${name}'`))
  const stated = own.filter((name) => /-(permissions|errors|reasons)[.]ts$/.test(name))
  const listed = facts.map((name) => readFileSync(join(here, folder, name), 'utf8')).join('')
  expect(listed).toBe(stated.map((name) => `export * from './${name}'\n`).join(''))
})

test('nouns are listed by their plural, and with permissions that the product knows', () => {
  for (const [plural, noun] of Object.entries(nouns)) expect(noun.plural).toBe(plural)
  expect(Object.keys(registry.permissions).toSorted()).toEqual(Object.keys(permissions).toSorted())
})

test('a noun touches two lines of files that are not its own', () => {
  const named = sources
    .filter((path) => !['node/', 'container/'].some((own) => path.startsWith(join(here, own)))) // a container is on a node
    .flatMap((path) => readFileSync(path, 'utf8').split('\n'))
    .filter((line) => /nodeNoun|nodePermissions|nodeErrors|\/node\/|nouns\.nodes/.test(line))
  expect(named).toHaveLength(2)
})
