import { mkdir, mkdtemp, readdir, readlink, rm, symlink, writeFile } from 'node:fs/promises'
import { once } from 'node:events'
import { createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, it, onTestFinished } from 'vitest'
import { containersOf, readHolders } from './socket-holders.ts'

const [outer, middle, inner] = ['a', 'b', 'c'].map((digit) => digit.repeat(64))

it('finds the program that has a socket', async () => {
  const server = createServer().listen(0, '127.0.0.1')
  onTestFinished(() => void server.close())
  await once(server, 'listening')
  const links = await Promise.all(
    (await readdir('/proc/self/fd')).map((name) => readlink(`/proc/self/fd/${name}`).catch(() => '')),
  )
  const inodes = links.flatMap((link) => /^socket:\[(\d+)\]$/.exec(link)?.[1] ?? [])
  const holders = await readHolders(new Set(inodes))
  expect([...holders.values()].map(({ pid }) => pid)).toContain(process.pid)
})

it('tells in which containers a program is, whichever engine named the group, but not the one that this process is in', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'flotilla-proc-'))
  onTestFinished(() => rm(folder, { recursive: true }))
  const groups = {
    self: `12:memory:/docker/${outer}\n`,
    7: `12:memory:/docker/${outer}/flotilla/${middle}\n0::/system.slice/docker-${inner}.scope\n`,
    8: `0::/system.slice/sshd-${'d'.repeat(40)}.service\n`,
  }
  for (const [name, text] of Object.entries(groups)) {
    await mkdir(join(folder, name, 'fd'), { recursive: true })
    await symlink(`socket:[${name}]`, join(folder, name, 'fd', '3'))
    await writeFile(join(folder, name, 'cgroup'), text)
  }
  const holders = await readHolders(new Set(['7', '8']), folder)
  const containers = (inode: string) => containersOf(holders.get(inode) ?? { groups: ['nobody has it'] }, folder)
  expect([...holders.keys()]).toEqual(['7', '8'])
  expect(await containers('7')).toEqual([middle, inner])
  expect(await containers('8')).toEqual([])
})
