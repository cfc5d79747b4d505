import { existsSync, mkdirSync, mkdtempSync, readdirSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { ensureFolderInRoot, readFileInRoot } from './runtime-spec-rootfs.ts'
import { resolveUserInRoot } from './user-rootfs.ts'
import { resolveUser } from './user.ts'

const files = {
  passwd: [
    'root:x:0:0:root:/root:/bin/sh',
    '# a comment',
    'broken',
    'web:x:33:33::/var/www:/bin/false',
    'evil:x:99999999999:0::/:',
    '1000:x:5:6::relative:',
  ].join('\n'),
  group: 'root:x:0:\nweb:x:33:\naudio:x:29:web,other\nvideo:x:44:web\nbad:x:-1:web\n',
}

describe('resolving a user', () => {
  it('is root where nothing is said', () => {
    expect(resolveUser('', files)).toEqual({ uid: 0, gid: 0, additionalGids: [0], home: '/root', name: 'root' })
  })
  it('looks names up with their further groups', () => {
    expect(resolveUser('web', files)).toEqual({
      uid: 33,
      gid: 33,
      additionalGids: [33, 29, 44],
      home: '/var/www',
      name: 'web',
    })
    expect(resolveUser('33', files).additionalGids).toEqual([33, 29, 44])
  })
  it('leaves further groups out where a group is named', () => {
    expect(resolveUser('web:audio', files)).toMatchObject({ uid: 33, gid: 29, additionalGids: [29] })
    expect(resolveUser('7:8', files)).toEqual({ uid: 7, gid: 8, additionalGids: [8], home: '/', name: null })
  })
  it('takes an account whose name is a number by its name, and no home that is no path', () => {
    expect(resolveUser('1000', files)).toMatchObject({ uid: 5, gid: 6, home: '/' })
  })
  it('refuses what is not there', () => {
    expect(() => resolveUser('nobody', files)).toThrow(/no user "nobody"/)
    expect(() => resolveUser('web:none', files)).toThrow(/no group "none"/)
    expect(() => resolveUser('evil', files)).toThrow(/no user/)
    expect(() => resolveUser('4294967295', files)).toThrow(/no user/)
    expect(() => resolveUser('a:b:c', files)).toThrow(/given as/)
  })
})

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
      expect((await readFileInRoot(root, path))?.toString()).toBe('inside')
    }
  })
  it('never reads what lies outside', async () => {
    symlinkSync(join(folder, 'outside'), join(root, 'etc/passwd'))
    symlinkSync('../../outside', join(root, 'etc/group'))
    symlinkSync(folder, join(root, 'escape'))
    for (const path of ['/etc/passwd', '/etc/group', '/escape/outside', '/../outside']) {
      expect(await readFileInRoot(root, path)).toBeNull()
    }
    await expect(resolveUserInRoot(root, 'root')).rejects.toThrow(/no user "root"/)
    expect(await resolveUserInRoot(root, '0')).toMatchObject({ uid: 0, gid: 0 })
  })
  it('is not caught by loops, sockets, folders or huge files', async () => {
    symlinkSync('b', join(root, 'a'))
    symlinkSync('a', join(root, 'b'))
    expect(await readFileInRoot(root, '/a')).toBeNull()
    expect(await readFileInRoot(root, '/etc')).toBeNull()
    const server = createServer()
    await new Promise<void>((resolve) => server.listen(join(root, 'etc/passwd'), resolve))
    expect(await readFileInRoot(root, '/etc/passwd')).toBeNull()
    await new Promise((resolve) => server.close(resolve))
    writeFileSync(join(root, 'etc/group'), 'x'.repeat(2000))
    await expect(readFileInRoot(root, '/etc/group', 1999)).rejects.toThrow(/larger than 1999/)
    expect(await readFileInRoot(root, '/etc/group', 2000)).toHaveLength(2000)
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
