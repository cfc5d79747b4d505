import { spawn } from 'node:child_process'
import { chmod, mkdir, mkdtemp, readFile, rm, stat } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { afterEach, beforeEach, expect, it } from 'vitest'
import { asPlainUser, isOpenToAll, needReachable, ownFolder } from '../../packages/launch/src/account.mjs'
import { needKernel } from './preflight.mjs'

/** Somebody whom every machine has; the tests make no user. */
const nobody = { uid: 65_534, gid: 65_534 }

let folder: string
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'flotilla-account-'))
})
afterEach(() => rm(folder, { recursive: true, force: true }))

async function statusOf(pid: number): Promise<Record<string, string>> {
  const text = await readFile(`/proc/${pid}/status`, 'utf8')
  const fields = text.split('\n').map((line): [string, string] => {
    const [name = '', value = ''] = line.split(':\t')
    return [name, value.trim()]
  })
  return Object.fromEntries(fields)
}

it('runs as the plain user with no capability left and none to be had', async () => {
  const child = spawn('setpriv', asPlainUser(['sleep', '60'], nobody).slice(1))
  try {
    const pid = child.pid ?? 0
    await expect.poll(async () => (await statusOf(pid))['Name']).toBe('sleep')
    const status = await statusOf(pid)
    expect(status['Uid']?.split('\t')).toEqual(Array(4).fill('65534'))
    expect([status['CapEff'], status['CapBnd'], status['NoNewPrivs']]).toEqual(['0'.repeat(16), '0'.repeat(16), '1'])
    expect(status['Groups']).toBe('')
  } finally {
    child.kill('SIGKILL')
  }
})

it('goes down with a parent that was killed hard', async () => {
  const module = fileURLToPath(new URL('../../packages/launch/src/account.mjs', import.meta.url))
  const script = `
    import { spawn } from 'node:child_process'
    import { asPlainUser } from ${JSON.stringify(module)}
    const [program, ...argv] = asPlainUser(['sleep', '60'], ${JSON.stringify(nobody)})
    console.log(spawn(program, argv, { detached: true }).pid)
    setInterval(() => {}, 1000)`
  const parent = spawn(process.execPath, ['--input-type=module', '-e', script])
  const pid = await new Promise<number>((resolve) =>
    parent.stdout.once('data', (data: Buffer) => resolve(Number(data))),
  )
  await expect.poll(async () => (await statusOf(pid))['Name']).toBe('sleep')
  parent.kill('SIGKILL')
  await expect
    .poll(() =>
      statusOf(pid).then(
        (status) => status['State']?.startsWith('Z') ?? false,
        () => true,
      ),
    )
    .toBe(true)
})

it('knows a folder that the plain user cannot reach', async () => {
  const closed = join(folder, 'closed')
  await mkdir(join(closed, 'data'), { recursive: true })
  await chmod(folder, 0o755)
  await chmod(closed, 0o700)
  expect(() => needReachable(join(closed, 'data'))).toThrow(`because ${closed} is closed to others`)
  expect(isOpenToAll(join(closed, 'data'))).toBe(false)
  await chmod(closed, 0o711)
  expect(() => needReachable(join(closed, 'data'))).not.toThrow()
})

it('makes folders of exactly the mode and owner, whatever they were', async () => {
  const path = join(folder, 'a/b')
  ownFolder(path, { uid: 0, gid: 0 }, 0o755)
  ownFolder(path, nobody, 0o700)
  const { uid, mode } = await stat(path)
  expect([uid, mode & 0o777]).toEqual([65_534, 0o700])
})

it('finds on this machine all that containers need of the kernel', () => {
  expect(() => needKernel()).not.toThrow()
})
