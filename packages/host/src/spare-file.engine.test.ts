import { mkdtemp, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, it } from 'vitest'
import { run, runOk } from './run.ts'
import { writeJsonWithSpare } from './spare-file.ts'

let disk = ''
beforeEach(async () => {
  disk = await mkdtemp(join(tmpdir(), 'flotilla-spare-'))
  await runOk(['truncate', '--size', '8M', `${disk}.img`])
  await runOk(['mkfs.ext4', '-q', `${disk}.img`])
  await runOk(['mount', '-o', 'loop', `${disk}.img`, disk])
})
afterEach(async () => {
  await runOk(['umount', disk])
  await rm(disk, { recursive: true })
  await rm(`${disk}.img`)
})

it('writes as often as it is asked on a disk that has not a block left, and is read whole each time', async () => {
  const path = join(disk, 'record.json')
  const textOf = (count: number) => JSON.stringify({ count, words: 'x'.repeat(3000 + (count % 2) * 200) })
  await writeJsonWithSpare(path, textOf(0))
  await run(['dd', 'if=/dev/zero', `of=${join(disk, 'fill')}`, 'bs=4096'])
  for (let count = 1; count <= 20; count += 1) {
    await writeJsonWithSpare(path, textOf(count), { durable: true })
    expect(JSON.parse(await readFile(path, 'utf8'))).toMatchObject({ count })
  }
  await expect(writeJsonWithSpare(path, 'x'.repeat(40_000))).rejects.toMatchObject({ code: 'ENOSPC' })
  expect(JSON.parse(await readFile(path, 'utf8'))).toMatchObject({ count: 20 })
})
