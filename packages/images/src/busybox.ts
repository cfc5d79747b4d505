import { execFile } from 'node:child_process'
import { randomBytes } from 'node:crypto'
import {
  chmod,
  copyFile,
  mkdir,
  mkdtemp,
  readdir,
  readFile,
  rename,
  rm,
  stat,
  symlink,
  writeFile,
} from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'

const run = promisify(execFile)

/** What was fetched is kept for a day: a newer package then replaces it. */
const retained = fileURLToPath(new URL('../../../node_modules/.cache/flotilla/busybox', import.meta.url))
const retainedMs = 24 * 60 * 60_000

/**
 * A root file system with busybox and all its names in `/bin`. The machine's own busybox where it is static, else the one of
 * Debian's busybox-static, unpacked and not installed.
 */
export async function busyboxRoot(root: string): Promise<void> {
  const scratch = await mkdtemp(join(tmpdir(), 'flotilla-busybox-'))
  try {
    const busybox = await findBusybox(scratch)
    for (const folder of ['bin', 'etc', 'root', 'tmp', 'var', 'proc', 'sys', 'dev']) {
      await mkdir(join(root, folder), { recursive: true })
    }
    await chmod(join(root, 'tmp'), 0o1777)
    await chmod(join(root, 'root'), 0o700)
    await copyFile(busybox, join(root, 'bin', 'busybox'))
    await chmod(join(root, 'bin', 'busybox'), 0o755)
    const { stdout } = await run(busybox, ['--list'])
    for (const name of stdout.trim().split('\n')) {
      if (name !== 'busybox') await symlink('busybox', join(root, 'bin', name))
    }
    await writeFile(
      join(root, 'etc', 'passwd'),
      'root:x:0:0:root:/root:/bin/sh\nweb:x:1000:1000:web:/:/bin/sh\nnobody:x:65534:65534:nobody:/:/bin/false\n',
    )
    await writeFile(join(root, 'etc', 'group'), 'root:x:0:\nweb:x:1000:\nnogroup:x:65534:\n')
  } finally {
    await rm(scratch, { recursive: true })
  }
}

async function findBusybox(scratch: string): Promise<string> {
  for (const path of ['/bin/busybox', '/usr/bin/busybox']) if (await isStatic(path)) return path
  const age = Date.now() - ((await stat(retained).catch(() => undefined))?.mtimeMs ?? 0)
  if (age < retainedMs && (await isStatic(retained))) return retained
  await run('apt-get', ['download', '-o', 'APT::Sandbox::User=root', 'busybox-static'], { cwd: scratch }).catch(
    (error: unknown) => {
      throw new Error(
        'The starter image needs busybox-static and apt-get could not fetch it. Install busybox-static.',
        {
          cause: error,
        },
      )
    },
  )
  const [archive] = (await readdir(scratch)).filter((name) => name.endsWith('.deb'))
  if (archive === undefined) throw new Error('apt-get fetched no busybox-static package.')
  await run('dpkg-deb', ['-x', archive, 'unpacked'], { cwd: scratch })
  for (const path of ['bin/busybox', 'usr/bin/busybox']) {
    if (await isStatic(join(scratch, 'unpacked', path))) return keep(join(scratch, 'unpacked', path))
  }
  throw new Error('The package busybox-static holds no static busybox.')
}

/** Made under another name first, so that it is never half there. */
async function keep(busybox: string): Promise<string> {
  await mkdir(dirname(retained), { recursive: true })
  const partial = `${retained}.${randomBytes(4).toString('hex')}`
  await copyFile(busybox, partial)
  await rename(partial, retained)
  return retained
}

/** An ELF file that asks for no interpreter: no program header of the type PT_INTERP. */
async function isStatic(path: string): Promise<boolean> {
  const data = await readFile(path).catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'ENOENT') return Buffer.alloc(0)
    throw error
  })
  if (data.length < 64 || data.readUInt32BE(0) !== 0x7f454c46 || data[4] !== 2) return false
  const [start, size, count] = [Number(data.readBigUInt64LE(32)), data.readUInt16LE(54), data.readUInt16LE(56)]
  for (let at = 0; at < count; at += 1) if (data.readUInt32LE(start + at * size) === 3) return false
  return true
}
