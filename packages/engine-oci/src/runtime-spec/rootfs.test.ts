import { existsSync, mkdirSync, mkdtempSync, readdirSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { readSmallFile } from '@flotilla/files'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { ensureFolderInRoot } from './rootfs.ts'
import { resolveUserInRoot } from './user-rootfs.ts'

describe('reading inside a root file system', () => {
  let folder = ''
  let root = ''
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'flotilla-rootfs-'))
    root = join(folder, 'root')
    mkdirSync(join(root, 'etc'), { recursive: true })
    writeFileSync(join(folder, 'outside'), 'outside')
    mkdirSync(join(folder, 'outer'))
  })
  afterEach(() => rmSync(folder, { recursive: true }))

  it('resolves links against the root, absolute and relative ones', async () => {
    writeFileSync(join(root, 'real'), 'inside')
    symlinkSync('/real', join(root, 'etc/absolute'))
    symlinkSync('../../../../real', join(root, 'etc/relative'))
    for (const path of ['/etc/absolute', '/etc/relative', '/../../etc/./absolute']) {
      expect((await readSmallFile(root, path))?.toString()).toBe('inside')
    }
  })
  it('never reads what lies outside', async () => {
    symlinkSync(join(folder, 'outside'), join(root, 'etc/passwd'))
    symlinkSync('../../outside', join(root, 'etc/group'))
    symlinkSync(folder, join(root, 'escape'))
    for (const path of ['/etc/passwd', '/etc/group', '/escape/outside', '/../outside']) {
      expect(await readSmallFile(root, path)).toBeNull()
    }
    await expect(resolveUserInRoot(root, 'root')).rejects.toThrow(/no user "root"/)
    expect(await resolveUserInRoot(root, '0')).toMatchObject({ uid: 0, gid: 0 })
  })
  it('is not caught by loops, sockets, folders or huge files', async () => {
    symlinkSync('b', join(root, 'a'))
    symlinkSync('a', join(root, 'b'))
    expect(await readSmallFile(root, '/a')).toBeNull()
    expect(await readSmallFile(root, '/etc')).toBeNull()
    const server = createServer()
    await new Promise<void>((resolve) => server.listen(join(root, 'etc/passwd'), resolve))
    expect(await readSmallFile(root, '/etc/passwd')).toBeNull()
    await new Promise((resolve) => server.close(resolve))
    writeFileSync(join(root, 'etc/group'), 'x'.repeat(2000))
    await expect(readSmallFile(root, '/etc/group', 1999)).rejects.toThrow(/larger than 1999/)
    expect(await readSmallFile(root, '/etc/group', 2000)).toHaveLength(2000)
  })
  it('makes a working directory inside and nowhere else', async () => {
    symlinkSync(join(folder, 'outer'), join(root, 'escape'))
    writeFileSync(join(root, 'file'), '')
    await ensureFolderInRoot(root, '/srv/a/../b')
    expect(existsSync(join(root, 'srv/b'))).toBe(true)
    await ensureFolderInRoot(root, '/escape/deep')
    expect(readdirSync(join(folder, 'outer'))).toEqual([])
    await expect(ensureFolderInRoot(root, '/file/x')).rejects.toThrow(/something else has that name/)
    await expect(ensureFolderInRoot(root, '/file')).rejects.toThrow(/something else has that name/)
  })
})
