import { link, mkdtemp, readdir, readFile, rm, stat, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { runOk } from '@flotilla/host'
import { afterEach, beforeEach, expect, it } from 'vitest'
import { readText, writeFileBytes, writeText } from './index.ts'

let root: string
beforeEach(async () => {
  root = await mkdtemp('/var/tmp/flotilla-attributes-') // a file system with attributes, which a temporary one may not be
})
afterEach(() => rm(root, { recursive: true, force: true }))

const { signal } = new AbortController()
async function* body(): AsyncGenerator<Uint8Array> {
  yield await Promise.resolve(Buffer.from('new'))
}
const at = (name: string) => join(root, name)
const set = (name: string, attribute: string, value: string) =>
  runOk(['setfattr', '-n', attribute, '-v', value, at(name)])
/** All attributes of a file that anybody may have set. */
async function attributes(name: string): Promise<string[]> {
  const { stdout } = await runOk(['getfattr', '-d', '-m', '^(user|security.capability|system)', '-e', 'hex', at(name)])
  return stdout
    .toString()
    .split('\n')
    .filter((line) => line.includes('='))
}

/** Its owner may all, user 1000 may read and write, its group and others may read; the mask is reading and writing. */
const list = '0x0200000001000700ffffffff02000600e803000004000400ffffffff10000600ffffffff20000400ffffffff'
const preserved = [`system.posix_acl_access=${list}`, 'user.empty=0x', 'user.note=0x6b657074'].sort()
const capability = '0x0100000200200000000000000000000000000000'

/** A program with rights, an access list and attributes. */
async function make(name: string): Promise<void> {
  await writeFile(at(name), 'old')
  await runOk(['chown', '1234:2345', at(name)])
  await set(name, 'user.note', '0x6b657074')
  await set(name, 'user.empty', '""')
  await set(name, 'security.capability', capability)
  await set(name, 'system.posix_acl_access', list)
  await runOk(['chmod', 'u+s', at(name)])
}

const overwrite = (name: string) => writeFileBytes(root, name, body(), { overwrite: true, signal })
const edit = async (name: string) => writeText(root, name, 'new', (await readText(root, name)).version)

it.each([overwrite, edit])(
  'a file that is replaced keeps its access list and attributes, and no rights of a program',
  async (change) => {
    await make('file')
    expect(await attributes('file')).toContain(`security.capability=${capability}`)
    await change('file')
    expect(await readFile(at('file'), 'utf8')).toBe('new')
    const { uid, gid, mode } = await stat(at('file'))
    expect([uid, gid, mode & 0o7777]).toEqual([1234, 2345, 0o764])
    expect(await attributes('file')).toEqual(preserved)
    expect(await readdir(root)).toEqual(['file'])
  },
)

it('gives a file without an access list none of its folder’s, and a new file what its folder says', async () => {
  await writeFile(at('plain'), 'old')
  await set('', 'system.posix_acl_default', list)
  await overwrite('plain')
  expect(await attributes('plain')).toEqual([])
  expect((await stat(at('plain'))).mode & 0o777).toBe(0o644)
  await overwrite('fresh')
  expect((await attributes('fresh')).join()).toContain('system.posix_acl_access')
})

it('leaves the old content to the other hard links of a file', async () => {
  await make('one')
  await link(at('one'), at('other'))
  await overwrite('one')
  expect([await readFile(at('one'), 'utf8'), await readFile(at('other'), 'utf8')]).toEqual(['new', 'old'])
  expect(await attributes('other')).toContain(`security.capability=${capability}`)
})

it('goes on where the file has a name that a program would take for an option', async () => {
  await make('--help')
  await overwrite('--help')
  expect(await attributes('./--help')).toEqual(preserved)
})
