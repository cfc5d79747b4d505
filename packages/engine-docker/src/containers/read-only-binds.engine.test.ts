import { mkdir, mkdtemp, rm } from 'node:fs/promises'
import { join } from 'node:path'
import { runOk } from '@flotilla/host'
import { systemScope } from '@flotilla/protocol'
import { makeTestDaemon, type TestDaemon, testImage } from '@flotilla/testkit/docker-daemon'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { type Opened, openEngine } from '../testing/engine-fixture.ts'

const scope = { scope: systemScope }
let daemon: TestDaemon
let opened: Opened
let source: string

beforeAll(async () => {
  daemon = await makeTestDaemon()
  opened = await openEngine(daemon.socketPath)
  source = await mkdtemp('/var/tmp/flotilla-bound-')
  await mkdir(join(source, 'inner'))
})
afterAll(async () => {
  await opened.engine.close()
  await daemon.remove()
  await rm(source, { recursive: true })
})

it('mounts a folder of the host read-only all through, or refuses it with the reason', async () => {
  const { containers } = opened.client
  const create = (readOnly: boolean) => {
    const mounts = [{ type: 'bind' as const, source, target: '/b', readOnly }]
    const command = ['/bin/sh', '-c', 'echo x >/b/inner/file']
    return containers.create({ image: testImage, command, pull: 'never', mounts }, scope)
  }
  const exitCode = async (readOnly: boolean) => {
    const { id } = (await create(readOnly)).container
    await containers.start({ id }, scope)
    return (await containers.wait({ id }, scope)).exitCode
  }
  expect([await exitCode(false), await exitCode(true)]).toEqual([0, 1])
  await runOk(['mount', '-t', 'tmpfs', 'inner', join(source, 'inner')])
  try {
    await expect(create(true)).rejects.toMatchObject({
      ...{ code: 'INVALID_ARGUMENT', kind: 'docker.writableInside', field: ['mounts', 0, 'readOnly'] },
      message: expect.stringContaining(join(source, 'inner')) as string,
    })
    await create(false)
  } finally {
    await runOk(['umount', join(source, 'inner')])
  }
})
