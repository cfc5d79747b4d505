import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises'
import { join } from 'node:path'
import { run, runOk } from '@flotilla/host'
import { createLogger } from '@flotilla/log'
import { afterEach, beforeEach, expect, it } from 'vitest'
import { type Entry, OperationJournal } from './journal.ts'

let disk: string
beforeEach(async () => {
  disk = await mkdtemp('/var/tmp/flotilla-journal-')
  await runOk(['mount', '-t', 'tmpfs', '-o', 'size=1m', 'flotilla-test', disk])
})
afterEach(async () => {
  await runOk(['umount', disk])
  await rm(disk, { recursive: true })
})

const log = createLogger('test', 'silent')
const fill = () => run(['dd', 'if=/dev/zero', `of=${join(disk, 'fill')}`, 'bs=4096'])
const entry = (id: string, state: Entry['operation']['state']): Entry => ({
  operation: {
    ...{ id, method: 'containers.stop', engine: 'oci', target: 'web', actor: 'ann', state },
    ...{ startedAt: new Date(0).toISOString(), finishedAt: null, progress: [], error: null },
  },
  fingerprint: 'input',
})

it('goes on where the disk is full, in a restarted agent too, and writes what it kept when there is room', async () => {
  const folder = join(disk, 'operations')
  const before = await OperationJournal.open(folder, log)
  await before.write(entry('operation-cut', 'running'))
  await fill()
  const journal = await OperationJournal.open(folder, log)
  expect(journal.get('operation-cut')?.operation.state).toBe('interrupted')
  await journal.write(entry('operation-stop', 'running'))
  await journal.write(entry('operation-stop', 'succeeded'))
  expect(journal.get('operation-stop')?.operation.state).toBe('succeeded')
  expect(await readdir(folder)).toEqual(['operation-cut.json'])
  await rm(join(disk, 'fill'))
  await journal.write(entry('operation-next', 'succeeded'))
  expect((await readdir(folder)).sort()).toEqual(['operation-cut.json', 'operation-next.json', 'operation-stop.json'])
  expect(await readFile(join(folder, 'operation-cut.json'), 'utf8')).toContain('interrupted')
})
