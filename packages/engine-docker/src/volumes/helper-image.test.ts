import { chmod, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { runOk, spawn } from '@flotilla/host'
import { expect, it } from 'vitest'
import { helperMachines, makeHelperImage } from './helper-image.ts'

const programOf = (archive: Buffer) => archive.subarray(archive.indexOf('\u007fELF', 0, 'latin1'))

it('is the same for each processor whenever it is made, and there is none for others', () => {
  const ids = helperMachines.map((machine) => makeHelperImage(machine)?.id)
  expect(ids).toEqual(helperMachines.map((machine) => makeHelperImage(machine)?.id))
  expect(new Set(ids).size).toBe(helperMachines.length)
  expect(makeHelperImage('riscv64')).toBeUndefined()
})

it('has a program that runs here, sleeps and ends by a signal alone', async () => {
  const image = makeHelperImage(process.arch)
  const folder = await mkdtemp(join(tmpdir(), 'flotilla-helper-'))
  try {
    const path = join(folder, 'wait')
    await writeFile(path, programOf(image?.archive ?? Buffer.alloc(0)))
    await chmod(path, 0o755)
    const child = spawn([path], { stdio: 'ignore' })
    const ended = new Promise((resolve) => child.once('exit', (code, signal) => resolve(signal ?? code)))
    await expect.poll(async () => (await runOk(['cat', `/proc/${child.pid}/stat`])).stdout.toString()).toMatch(/\) S /)
    child.kill('SIGTERM')
    expect(await ended).toBe('SIGTERM')
  } finally {
    await rm(folder, { recursive: true, force: true })
  }
})
