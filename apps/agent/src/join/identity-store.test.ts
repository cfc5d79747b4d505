import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, it } from 'vitest'
import { IdentityStore } from './identity-store.ts'

let folder: string
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'identity-'))
})
afterEach(() => rm(folder, { recursive: true }))

it('never takes a new key or forgets its platforms by itself: what cannot be read is named, and stays', async () => {
  const { identity } = await IdentityStore.open(folder, 'host')
  for (const [name, what] of [
    [
      'control-planes.json',
      /list of platforms that this host has joined.*control-planes\.json.* cannot be read.*join again/,
    ],
    ['identity.json', /key of this agent.*identity\.json.* cannot be read.*join again/],
  ] as const) {
    const path = join(folder, 'identity', name)
    const before = await readFile(path, 'utf8').catch(() => '[]')
    for (const text of ['', before.slice(0, -1), '"else"']) {
      await writeFile(path, text)
      await expect(IdentityStore.open(folder, 'host')).rejects.toThrow(what)
      expect(await readFile(path, 'utf8')).toBe(text)
    }
    await writeFile(path, before)
  }
  expect((await IdentityStore.open(folder, 'host')).identity.fingerprint).toBe(identity.fingerprint)
})
