import { randomBytes } from 'node:crypto'
import { existsSync } from 'node:fs'
import { mkdir, mkdtemp, readdir, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { run } from '@flotilla/host'
import { buildChild } from '../built-child.ts'
import { startReaper } from './start-reaper.ts'

const subnets = '/run/flotilla/subnets'
let folder = ''
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'flotilla-reaper-'))
})
afterAll(() => rm(folder, { recursive: true, force: true }))

it('takes the subnets of all of its instance’s networks from the register, and nobody else’s', async () => {
  const [instance, other] = [randomBytes(3).toString('hex'), randomBytes(3).toString('hex')]
  const own = [instance, `${instance}0123456789ab`, `${instance}0123456789abv6`]
  await mkdir(subnets, { recursive: true })
  for (const key of [...own, other]) await writeFile(join(subnets, key), '10.0.0.0/29\n')
  try {
    const program = await buildChild(fileURLToPath(new URL('./reaper.ts', import.meta.url)), folder)
    await startReaper(program, { folder: join(folder, 'platform'), instance, native: false }).end()
    const left = (await readdir(subnets)).filter((key) => key.startsWith(instance) || key === other)
    expect(left).toEqual([other])
  } finally {
    for (const key of [...own, other]) await rm(join(subnets, key), { force: true })
  }
})

it('takes the rest away where a step fails, and tells that one', async () => {
  const instance = randomBytes(3).toString('hex')
  const platform = join(folder, 'half')
  await mkdir(platform)
  await mkdir(subnets, { recursive: true })
  await writeFile(join(subnets, instance), '10.0.0.0/29\n')
  try {
    const program = await buildChild(fileURLToPath(new URL('./reaper.ts', import.meta.url)), folder)
    const withoutLinks = 'mount --bind /bin/false "$(readlink -f "$(command -v ip)")" && exec "$@"'
    const reaper = [process.execPath, program, platform, instance, 'none']
    const { stdout } = await run(['unshare', '--mount', 'sh', '-c', withoutLinks, 'sh', ...reaper])
    expect(stdout.toString()).toContain('ip failed with')
    expect([existsSync(platform), existsSync(join(subnets, instance))]).toEqual([false, false])
  } finally {
    await rm(join(subnets, instance), { force: true })
  }
})
