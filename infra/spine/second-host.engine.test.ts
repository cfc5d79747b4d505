import type { FleetContainer, FleetHost } from '@flotilla/protocol'
import { runOk } from '@flotilla/host'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { createLabHost, type LabHost } from '@flotilla/testkit/lab'
import { type Platform, startPlatform } from '@flotilla/testkit/lab/platform'
import { openTab, type Tab, until } from '@flotilla/testkit/lab/tab'
import { type Fleet, fleetOf } from './fleet.ts'
import { openTerminal } from './terminal.ts'

let lab: LabHost
let platform: Platform
let fleet: Fleet
let tab: Tab
let program: ReturnType<LabHost['startAgent']>
let token: string
/** A container on the second host, with a shell in it. */
let box: FleetContainer
let session: string
let shell: string

beforeAll(async () => {
  lab = await createLabHost({ name: 'second' })
  platform = await startPlatform({ listen: lab.outside })
  fleet = fleetOf(platform)
  tab = await openTab(platform)
})

afterAll(async () => {
  tab?.close()
  if (fleet !== undefined) {
    const { items } = await fleet.ok<{ items: FleetContainer[] }>('GET', '/containers')
    for (const { id } of items) await platform.rest('DELETE', `/containers/${id}?force=true`)
  }
  await lab?.remove()
  await platform?.close()
})

const second = async (): Promise<FleetHost | undefined> =>
  (await fleet.ok<FleetHost[]>('GET', '/hosts')).find(({ transport }) => transport !== 'socket')
const connected = () => until('the link', async () => (await second())?.state === 'connected', 60_000)
const agent = (...argv: string[]) => [process.execPath, platform.build.agent, ...argv]
const environment = () => ({ FLOTILLA_STARTER_LAYOUT: platform.build.starter, FLOTILLA_ENGINES: 'oci' })
const away = async () => {
  const row = await fleet.inspect(box.id)
  const host = await second()
  return { host, row }
}

test('a host joins by an outbound WebSocket with a token that is used once', async () => {
  token = await platform.admins('token', 'create')
  program = lab.startAgent(agent('join', platform.url), { ...environment(), FLOTILLA_JOIN_TOKEN: token })
  await connected()
  expect(await second()).toMatchObject({
    name: 'second',
    transport: 'websocket',
    engines: [{ id: 'oci', state: 'ready' }],
  })

  const stranger = await lab.exec(
    [process.execPath, platform.build.fakeAgent, 'join', platform.url, '--token', token],
    {
      env: {
        PATH: process.env['PATH'] ?? '',
        FLOTILLA_DATA_DIR: '/run/stranger',
        FLOTILLA_RESERVE_BYTES: '0',
        FLOTILLA_RUN_DIR: '/run/stranger/run',
      },
    },
  )
  expect([stranger.exitCode !== 0, stranger.stderr]).toEqual([
    true,
    expect.stringMatching(/refused this host.*Make a new token/),
  ])
  expect(await fleet.ok<FleetHost[]>('GET', '/hosts')).toHaveLength(2)
})

test('its containers stand in the one list, and work as those of this machine do', async () => {
  await fleet.run({ name: 'near' })
  box = await fleet.run({ name: 'far', ports: [{ containerPort: 80 }] }, (await second())?.id)
  const { items } = await fleet.ok<{ items: FleetContainer[] }>('GET', '/containers')
  expect(items.map(({ name, hostName }) => `${name} on ${hostName}`)).toEqual([
    'far on second',
    expect.stringContaining('near on '),
  ])
  const page = await fetch(`http://${lab.address}:${box.ports[0]?.hostPort}/`)
  expect(await page.text()).toContain('It runs.')
  const made = { command: ['/bin/sh'], tty: true }
  session = (await fleet.ok<{ id: string }>('POST', `/containers/${box.id}/exec-sessions`, made)).id
  shell = await (await openTerminal(tab, box.id, session)).ask('echo $$')
})

test('a cut link: stale rows with their age within 15 s, changes refused with the reason; mended, all is as it is', async () => {
  const terminal = await openTerminal(tab, box.id, session)
  const cutAt = Date.now()
  await lab.cut()
  await until('being away', async () => (await second())?.state === 'away', 15_000)
  const { host, row } = await away()
  expect(row).toMatchObject({ state: 'running', stale: true, detail: null })
  expect(Date.parse(row.observedAt)).toBeLessThan(cutAt + 1000)
  const refused = await fleet.refused('POST', `/containers/${box.id}/stop`)
  expect(refused).toMatchObject({ status: 503, code: 'UNAVAILABLE' })
  expect(refused.message).toContain(`The host second cannot be reached: ${host?.reason ?? 'no reason'}`)
  expect((await fleet.refused('POST', `/hosts/${host?.id}/containers`, { image: 'x' })).code).toBe('UNAVAILABLE')
  expect((await terminal.ended).error?.code).toBe('UNAVAILABLE')
  await until('the news of it in the tab', () =>
    tab.fleet.some(({ changes }) =>
      changes.some(({ rows }) => rows.some((row) => row.id === box.id && row['stale'] === true)),
    ),
  )

  // It ends while nobody hears of it.
  await lab.exec(['sh', '-c', `kill -KILL $(pgrep -f 'httpd -f -v -p 80')`])
  await lab.mend()
  await connected()
  await until('the news', async () => (await fleet.inspect(box.id)).state === 'exited')
  expect(await fleet.inspect(box.id)).toMatchObject({ stale: false, detail: { runtime: 'runc' } })
}, 120_000)

test('a terminal comes back to the same shell after a cut link', async () => {
  await fleet.change('start', box.id)
  session = (
    await fleet.ok<{ id: string }>('POST', `/containers/${box.id}/exec-sessions`, { command: ['/bin/sh'], tty: true })
  ).id
  const terminal = await openTerminal(tab, box.id, session)
  shell = await terminal.ask('echo $$')
  await lab.cut()
  expect((await terminal.ended).error?.code).toBe('UNAVAILABLE')
  await lab.mend()
  await connected()
  expect(await (await openTerminal(tab, box.id, session)).ask('echo $$')).toBe(shell)
}, 120_000)

test('the same host over SSH: its key pinned on either side, another host key and another login refused', async () => {
  const before = await second()
  await fleet.ok('DELETE', `/hosts/${before?.id}`)
  // An agent that dials nobody: what comes now came over SSH.
  await program.stop()
  await lab.exec(['rm', `${lab.dataDir}/agent/identity/control-planes.json`])
  program = lab.startAgent(agent(), environment())
  await until('the agent', async () => (await lab.exec(['test', '-S', `${lab.runDir}/agent-tls.sock`])).exitCode === 0)
  const ssh = {
    address: lab.ssh.address,
    hostKey: lab.ssh.hostKeyFingerprint,
    privateKey: lab.ssh.privateKey,
    runDir: lab.runDir,
  }
  const wrongKey = await fleet.refused('POST', '/hosts/ssh', { ...ssh, hostKey: `SHA256:${'A'.repeat(43)}` })
  expect(wrongKey).toMatchObject({ status: 403, message: expect.stringContaining('another key') as string })
  const wrongPlace = await fleet.refused('POST', '/hosts/ssh', { ...ssh, runDir: '/run/elsewhere' })
  expect(wrongPlace.code).toBe('UNAVAILABLE')
  expect(await second()).toBeUndefined()

  await fleet.ok('POST', '/hosts/ssh', ssh)
  await connected()
  const host = await second()
  expect(host).toMatchObject({ name: 'second', transport: 'ssh' })
  const { stdout } = await runOk(['ss', '-Htn', 'state', 'established', 'dst', `${lab.ssh.address}:22`])
  expect(stdout.toString()).not.toBe('')
  const { items } = await fleet.ok<{ items: FleetContainer[] }>('GET', `/containers?hostId=${host?.id}`)
  expect(items).toMatchObject([{ name: 'far', nativeId: box.nativeId, state: 'running', stale: false }])
  box = items[0] ?? box
  expect(await (await openTerminal(tab, box.id, session)).ask('echo $$')).toBe(shell)

  await lab.cut()
  await until('being away', async () => (await second())?.state === 'away', 15_000)
  await lab.mend()
  await connected()
  await platform.stopControlPlane()
  await platform.startControlPlane()
  await connected()
  expect(await fleet.exec(box.id, ['echo', 'here'])).toMatchObject({ stdout: 'here\n', exitCode: 0 })
}, 180_000)
