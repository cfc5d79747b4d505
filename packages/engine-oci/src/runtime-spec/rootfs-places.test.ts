import {
  lstatSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { runOk } from '@flotilla/host'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { clearPlaces } from './rootfs-places.ts'
import { resolveUserInRoot } from './user-rootfs.ts'

let folder = ''
let root = ''
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'flotilla-places-'))
  root = join(folder, 'root')
  for (const path of ['root/etc', 'root/tmp', 'outside']) mkdirSync(join(folder, path), { recursive: true })
})
afterEach(() => rmSync(folder, { recursive: true }))

const at = (path: string) => lstatSync(join(root, path))
const pipe = (path: string) => runOk(['mkfifo', join(root, path)])

describe('the places of a container’s own mounts', () => {
  it('become plain folders and files, whatever an image has there, and nothing is changed where they lead', async () => {
    symlinkSync(join(folder, 'outside'), join(root, 'proc'))
    symlinkSync('tmp', join(root, 'sys'))
    writeFileSync(join(root, 'dev'), '')
    symlinkSync('/../outside/hosts', join(root, 'etc/hosts'))
    await pipe('etc/hostname')
    writeFileSync(join(root, 'etc/resolv.conf'), 'nameserver 192.0.2.1\n')
    await clearPlaces(root)
    for (const name of ['proc', 'sys', 'dev']) expect(at(name).isDirectory()).toBe(true)
    for (const name of ['hosts', 'hostname', 'resolv.conf']) expect(at(`etc/${name}`).isFile()).toBe(true)
    expect(readFileSync(join(root, 'etc/resolv.conf'), 'utf8')).toBe('nameserver 192.0.2.1\n')
    expect([...readdirSync(join(folder, 'outside')), ...readdirSync(join(root, 'tmp'))]).toEqual([])
  })

  it('stay where /etc leads to another folder', async () => {
    rmSync(join(root, 'etc'), { recursive: true })
    await clearPlaces(root) // nothing is there at all
    symlinkSync('tmp', join(root, 'etc'))
    symlinkSync('nowhere', join(root, 'tmp/hosts'))
    await clearPlaces(root)
    expect([at('etc').isSymbolicLink(), at('tmp/hosts').isFile()]).toEqual([true, true])
  })

  it.each(['etc', 'bin/sh'])('are made anew where /etc is a link to %s', async (target) => {
    mkdirSync(join(root, 'bin'))
    writeFileSync(join(root, 'bin/sh'), '')
    rmSync(join(root, 'etc'), { recursive: true })
    symlinkSync(target, join(root, 'etc'))
    await clearPlaces(root)
    expect(at('etc').isDirectory()).toBe(true)
  })

  it('are refused where a folder is in a file’s place', async () => {
    mkdirSync(join(root, 'etc/hosts'))
    await expect(clearPlaces(root)).rejects.toThrow(/has a folder at \/etc\/hosts/)
  })
})

describe('an image’s /etc/passwd and /etc/group', () => {
  const refused = /of the image is a pipe, a device, a folder/

  it('are refused where the runtime would wait for them', async () => {
    await pipe('etc/passwd')
    await expect(resolveUserInRoot(root, '0')).rejects.toThrow(refused)
    rmSync(join(root, 'etc/passwd'))
    mkdirSync(join(root, 'etc/group'))
    await expect(resolveUserInRoot(root, '0')).rejects.toThrow(refused)
  })

  it('are refused where they lead to one, there already or with the container’s own mounts', async () => {
    await pipe('tmp/pipe')
    symlinkSync('../dev', join(root, 'tmp/devices'))
    for (const target of ['/tmp/pipe', '/dev/ptmx', '../tmp/devices/ptmx', '/proc/1/fd/0', '/tmp']) {
      symlinkSync(target, join(root, 'etc/passwd'))
      await expect(resolveUserInRoot(root, '0')).rejects.toThrow(refused)
      rmSync(join(root, 'etc/passwd'))
    }
  })

  it('are none where they lead nowhere', async () => {
    for (const target of ['/nowhere', 'passwd', '/devices/ptmx', '../../../tmp/file']) {
      symlinkSync(target, join(root, 'etc/passwd'))
      expect(await resolveUserInRoot(root, '7')).toMatchObject({ uid: 7, gid: 0 })
      rmSync(join(root, 'etc/passwd'))
    }
  })
})
