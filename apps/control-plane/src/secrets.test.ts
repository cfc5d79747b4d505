import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, it } from 'vitest'
import { openSecrets } from './secrets.ts'

let folder: string
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'secrets-'))
})
afterEach(() => rm(folder, { recursive: true }))

it('makes no new secrets where the old ones cannot be read, and says which file to restore', async () => {
  const secrets = await openSecrets(folder)
  const path = join(folder, 'secrets.json')
  const whole = await readFile(path, 'utf8')
  for (const text of ['', whole.slice(0, -2), '{}']) {
    await writeFile(path, text)
    await expect(openSecrets(folder)).rejects.toThrow(
      `The secrets of this control plane in ${path} cannot be read. Restore`,
    )
    expect(await readFile(path, 'utf8')).toBe(text)
  }
  await writeFile(path, whole)
  expect(await openSecrets(folder)).toEqual(secrets)
})
