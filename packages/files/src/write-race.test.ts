import { appendFileSync, readdirSync, readFileSync } from 'node:fs'
import { mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { setImmediate as turn } from 'node:timers/promises'
import { afterEach, beforeEach, expect, it } from 'vitest'
import { readText, writeText } from './index.ts'

let root: string
beforeEach(async () => {
  root = await mkdtemp('/var/tmp/flotilla-race-')
})
afterEach(() => rm(root, { recursive: true, force: true }))

/** The processes that this one has started and not yet taken the end of. */
const children = () =>
  readdirSync('/proc/self/task').flatMap((task) =>
    readFileSync(`/proc/self/task/${task}/children`, 'utf8').split(' ').filter(Boolean),
  )

it('what a process appends while the attributes are copied is a conflict, and stays', async () => {
  const file = join(root, 'file')
  await writeFile(file, 'base\n')
  const { version } = await readText(root, 'file')
  const before = children().length
  let isOver = false
  const written = writeText(root, 'file', 'mine\n', version).finally(() => (isOver = true))
  const outcome = expect(written).rejects.toMatchObject({ code: 'CONFLICT' })
  // The end of the program that copies is heard of in a later turn: this comes before it.
  while (!isOver && children().length === before) await turn()
  appendFileSync(file, 'theirs\n')
  await outcome
  expect(await readFile(file, 'utf8')).toBe('base\ntheirs\n')
  expect(await readdir(root)).toEqual(['file'])
})
