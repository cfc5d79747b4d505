import { chmod, mkdtemp, readdir, rm, symlink, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { probeRuntimes, requireProgram } from './probe.ts'

let folder: string
beforeAll(async () => {
  folder = await mkdtemp('/var/tmp/flotilla-probe-')
})
afterAll(() => rm(folder, { recursive: true, force: true }))

/** A runtime as it is on a machine where it cannot work: what it prints is what crun and runsc print there. */
async function refusing(name: string, version: string, words: string): Promise<void> {
  const path = join(folder, name)
  const script = `#!/bin/sh\n[ "$1" = --version ] && { echo '${version}'; exit 0; }\necho '${words}' >&2\nexit 1\n`
  await writeFile(path, script)
  await chmod(path, 0o755)
}

it('shows runtimes that cannot be used with what they said, beside the one that can', async () => {
  await symlink(await requireProgram('runc'), join(folder, 'runc'))
  await refusing('crun', 'crun version 1.8.1', 'cgroups in hybrid mode not supported')
  await refusing('runsc', 'runsc version release-20240101.0', 'running container: cannot set up cgroup for root')
  const runDir = join(folder, 'run')
  const found = await probeRuntimes({ instance: 'abc123', runDir, folders: [folder] })
  expect(found.map(({ name, usable, isDefault }) => [name, usable, isDefault])).toEqual([
    ['runc', true, true],
    ['crun', false, false],
    ['runsc', false, false],
  ])
  expect(found.slice(1).map(({ version, reason }) => [version, reason])).toEqual([
    ['1.8.1', 'cgroups in hybrid mode not supported'],
    ['20240101.0', 'running container: cannot set up cgroup for root'],
  ])
  expect(await readdir(runDir)).toEqual([])
})
