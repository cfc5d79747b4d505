import { mkdir, mkdtemp, rm, symlink, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import * as files from './index.ts'

let root: string
beforeEach(async () => {
  root = await mkdtemp(join(tmpdir(), 'flotilla-text-'))
  await mkdir(join(root, 'folder'))
  for (const name of ['ä', 'b', '\ufffd']) await writeFile(join(root, 'folder', name), 'x')
})
afterEach(() => rm(root, { recursive: true, force: true }))

const { signal } = new AbortController()
/** Latin-1 for é, which is no UTF-8. */
const noText = () => Buffer.concat([Buffer.from(join(root, 'folder', 'caf')), Buffer.from([0xe9])])
const list = (limit: number, cursor?: string) =>
  files.listFolder(root, 'folder', { search: '', sort: 'name', limit, cursor }, signal)
async function pack(): Promise<number> {
  let bytes = 0
  for await (const chunk of files.tarTree(root, '', 'top', signal)) bytes += chunk.length
  return bytes
}

describe('a name that is no UTF-8', () => {
  it('is not counted, and the list says that some are missing', async () => {
    expect(await list(10)).toMatchObject({ total: 3, truncated: false })
    await writeFile(noText(), 'x')
    const page = await list(10)
    expect(page.items.map(({ name }) => name)).toEqual(['b', 'ä', '\ufffd'])
    expect(page).toMatchObject({ total: 3, truncated: true, next: null })
    const first = await list(2)
    expect(first).toMatchObject({ total: 3, truncated: true })
    expect((await list(2, first.next ?? '')).items.map(({ name }) => name)).toEqual(['\ufffd'])
  })

  it('fails an archive, which names the folder', async () => {
    expect(await pack()).toBeGreaterThan(0)
    await writeFile(noText(), 'x')
    await expect(pack()).rejects.toMatchObject({ code: 'UNSUPPORTED', message: /"\/folder"/ })
  })

  it('fails an archive also as the target of a link', async () => {
    await symlink(Buffer.from([0xe9]), join(root, 'link'))
    await expect(pack()).rejects.toMatchObject({ code: 'UNSUPPORTED', message: /"link"/ })
  })
})
