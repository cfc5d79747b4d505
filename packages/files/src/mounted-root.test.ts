import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { MountedRoot } from './mounted-root.ts'
import { readPinned } from './read-file.ts'

let folder = ''
let root: MountedRoot<{ target: string; source: string | null }>
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'flotilla-mounted-'))
  for (const path of ['root/etc', 'one/etc', 'two']) mkdirSync(join(folder, path), { recursive: true })
  for (const path of ['root/etc/file', 'one/file', 'one/etc/file', 'two/file', 'outside']) {
    writeFileSync(join(folder, path), path)
  }
  root = new MountedRoot(join(folder, 'root'), [{ target: '/proc', source: null }])
})
afterEach(() => rmSync(folder, { recursive: true }))

const at = (path: string) => join(folder, path)
const mount = (source: string, target: string) => root.mount({ source: at(source), target })

/** What is read at a path, or whether nothing is there, nobody looks, or nothing leads anywhere. */
async function read(path: string): Promise<string> {
  const found = await root.find(path)
  if (found === null) return 'circle'
  if (found.entry === null) return found.mount?.source === null ? 'unseen' : 'nothing'
  try {
    return (await readPinned(found.entry, path))?.toString() ?? 'no file'
  } finally {
    await found.entry.close()
  }
}

describe('a root with mounts over it', () => {
  it('shows what is mounted last, a file or a folder, and what lies below a place that is not made yet', async () => {
    await mount('one', '/etc')
    expect([await read('/etc/file'), await read('/etc/etc/file')]).toEqual(['one/file', 'one/etc/file'])
    await mount('two', '/etc/etc')
    await mount('outside', '/etc/file')
    await mount('two/file', '/new/deep/file')
    expect([await read('/etc/file'), await read('/etc/etc/file')]).toEqual(['outside', 'two/file'])
    expect([await read('/new/deep/file'), await read('/new/deep'), await read('/new')]).toEqual([
      ...['two/file', 'nothing', 'nothing'],
    ])
    await mount('one', '/etc')
    expect([await read('/etc/file'), await read('/etc/etc/file')]).toEqual(['one/file', 'one/etc/file'])
  })

  it('follows links as they will lead, from one mount into another and never out', async () => {
    symlinkSync('/conf', at('root/settings'))
    symlinkSync('../../../etc/file', at('two/up'))
    symlinkSync('/b/up', at('one/over'))
    symlinkSync(at('outside'), at('one/out'))
    symlinkSync('/proc/1/environ', at('one/kernel'))
    symlinkSync('again', at('one/again'))
    await mount('one', '/settings') // which leads to /conf, that is not there
    await mount('two', '/b')
    expect([await read('/conf/file'), await read('/settings/over')]).toEqual(['one/file', 'root/etc/file'])
    expect([await read('/settings/out'), await read('/settings/kernel'), await read('/settings/again')]).toEqual([
      ...['nothing', 'unseen', 'circle'],
    ])
    const found = await root.find('/conf/over')
    await found?.entry?.close()
    expect([found?.path, found?.mount, found?.by?.target]).toEqual(['/etc/file', null, '/b'])
  })
})
