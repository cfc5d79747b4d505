import { once } from 'node:events'
import { lstatSync, mkdirSync, mkdtempSync, rmSync } from 'node:fs'
import { open } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { copyTree, readFileBytes, readSmallFile, tarTree } from '@flotilla/files'
import { runOk, spawn } from '@flotilla/host'
import { afterEach, beforeEach, expect, it } from 'vitest'
import { copyLayers } from '../images/copy-driver.ts'
import { clearPlaces } from './rootfs-places.ts'
import { ensureFolderInRoot } from './rootfs.ts'
import { resolveUserInRoot } from './user-rootfs.ts'

/** Numbers of inotify_init1 and inotify_add_watch. */
const calls = process.arch === 'arm64' ? [26, 27] : [294, 254]
/** Prints each path that is opened, by whomever. */
const program = `
  $| = 1;
  my ($init, $add, @paths) = @ARGV;
  my $watch = syscall($init + 0, 0);
  my %paths = map { my $path = $_; (syscall($add + 0, $watch, $path, 0x20), $path) } @paths;
  open(my $events, '<&=', $watch) or die;
  print "ready\\n";
  while (sysread($events, my $data, 4096)) {
    while (length $data) {
      my ($id, $mask, $cookie, $length) = unpack 'iIII', $data;
      print "$paths{$id}\\n" if $mask & 0x20;
      substr($data, 0, 16 + $length) = '';
    }
  }
`
const names = ['etc/passwd', 'etc/group', 'etc/hosts', 'etc/hostname', 'etc/resolv.conf', 'work', 'dev']
let folder = ''
let root = ''

beforeEach(async () => {
  folder = mkdtempSync(join(tmpdir(), 'flotilla-devices-'))
  root = join(folder, 'root')
  mkdirSync(join(root, 'etc'), { recursive: true })
  for (const name of names) await runOk(['mknod', join(root, name), 'c', '1', '3'])
})
afterEach(() => rmSync(folder, { recursive: true }))

it('no device node of an image is opened, wherever one stands', async () => {
  const paths = names.map((name) => join(root, name))
  const child = spawn(['perl', '-e', program, ...calls.map(String), ...paths], { stdio: ['ignore', 'pipe', 'inherit'] })
  if (child.stdout === null) throw new Error('no output')
  const lines = createInterface({ input: child.stdout })[Symbol.asyncIterator]()
  try {
    expect(await lines.next()).toMatchObject({ value: 'ready' })
    const { signal } = new AbortController()
    await expect(resolveUserInRoot(root, 'root')).rejects.toThrow(/(?:passwd|group) of the image is a pipe, a device/)
    for (const path of ['/work', '/work/below']) {
      await expect(ensureFolderInRoot(root, path)).rejects.toThrow(/something else has that name/)
    }
    expect(await readSmallFile(root, '/etc/hosts')).toBeNull()
    await expect(readFileBytes(root, '/etc/group', signal).next()).rejects.toThrow(/is a device/)
    for await (const chunk of tarTree(root, '/', '', signal)) expect(chunk.length).toBeGreaterThan(0)
    for (const name of ['copy', 'snapshot']) mkdirSync(join(folder, name))
    await copyTree(root, join(folder, 'copy'), signal)
    await copyLayers(folder, [{ folder: 'root', whiteouts: [], opaques: [] }], join(folder, 'snapshot'))
    for (const name of ['copy', 'snapshot']) {
      expect(lstatSync(join(folder, name, 'work')).isCharacterDevice()).toBe(true)
    }
    await clearPlaces(root)
    // The first that is heard of is one of our own, so that nothing was before it.
    await (await open(join(root, 'work'))).close()
    expect(await lines.next()).toMatchObject({ value: join(root, 'work') })
  } finally {
    child.kill('SIGKILL')
    await once(child, 'close')
  }
})
