import { systemScope } from '@flotilla/protocol'
import { makeTestDaemon, type TestDaemon, testImage } from '@flotilla/testkit/docker-daemon'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { type Opened, openEngine } from '../testing/engine-fixture.ts'

const scope = { scope: systemScope }
let daemon: TestDaemon
let opened: Opened

beforeAll(async () => {
  daemon = await makeTestDaemon()
  opened = await openEngine(daemon.socketPath)
})
afterAll(async () => {
  await opened.engine.close()
  await daemon.remove()
})

const make = (name: string, network: string, ...more: string[]) =>
  daemon.cli('run', '--detach', '--name', name, '--network', network, ...more, testImage, 'sleep', '600')
const share = (network: `container:${string}`, name: string) =>
  opened.client.containers.create({ name, image: testImage, command: ['sleep', '600'], network }, scope)

it('follows containers that share a network to the host’s, and says of them that they reach beyond their own', async () => {
  const { containers } = opened.client
  await make('on-host', 'host')
  await make('behind', 'container:on-host')
  for (const owner of ['on-host', 'behind']) {
    await expect(share(`container:${owner}`, 'sharer')).rejects.toMatchObject({ kind: 'network.ownerOnHost' })
    expect(await containers.inspect({ id: owner }, scope)).toMatchObject({ privileged: true })
  }
  expect(await daemon.cli('ps', '--all', '--quiet', '--filter', 'name=sharer')).toBe('')
  await daemon.cli('rm', '--force', 'behind', 'on-host')
})

it('lets nothing that comes into a name have the host’s network shared', async () => {
  const { containers } = opened.client
  await make('lent', 'bridge')
  const { id } = (await share('container:lent', 'sharer')).container
  expect(await containers.inspect({ id }, scope)).toMatchObject({ privileged: false })
  await daemon.cli('rm', '--force', 'lent')
  await make('lent', 'host')
  await expect(containers.start({ id }, scope)).rejects.toMatchObject({ code: 'NOT_FOUND' })
  await daemon.cli('rm', '--force', 'lent', 'sharer')
})

it('says of who shares a network that it ended with a restart of its container', async () => {
  const { containers } = opened.client
  await make('lends', 'bridge')
  await make('shares', 'container:lends')
  const row = async () => (await containers.list({}, scope)).find(({ name }) => name === 'shares')
  expect(await row()).not.toHaveProperty('stateReason')
  await containers.restart({ id: 'lends', timeoutSeconds: 0 }, scope)
  const stateReason = expect.stringMatching(/^The container .* started after it/) as string
  expect(await row()).toMatchObject({ state: 'running', stateReason })
  expect((await containers.inspect({ id: 'shares' }, scope)).container).toMatchObject({ stateReason })
  await containers.restart({ id: 'shares', timeoutSeconds: 0 }, scope)
  expect(await row()).not.toHaveProperty('stateReason')
  await containers.stop({ id: 'lends', timeoutSeconds: 0 }, scope)
  expect(await row()).toMatchObject({ stateReason: expect.stringContaining('not running') as string })
  await daemon.cli('rm', '--force', 'shares', 'lends')
})

it('says of a paused sharer as well that its network is gone', async () => {
  const { containers } = opened.client
  await make('lends', 'bridge')
  await make('shares', 'container:lends', '--restart', 'always')
  await containers.pause({ id: 'shares' }, scope)
  await containers.restart({ id: 'lends', timeoutSeconds: 0 }, scope)
  const stateReason = expect.stringMatching(/^The container .* started after it/) as string
  const row = (await containers.list({}, scope)).find(({ name }) => name === 'shares')
  expect(row).toMatchObject({ state: 'paused', stateReason })
  await daemon.cli('rm', '--force', 'shares', 'lends')
})
