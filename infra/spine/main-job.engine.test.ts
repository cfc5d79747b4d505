import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { FleetContainer, FleetImage, LogLine, Stats } from '@flotilla/protocol'
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest'
import { makeLayeredImage, makeWebImage } from '@flotilla/images/demo'
import { pushLayout } from '@flotilla/images/push-layout'
import { type RegistryServer, startRegistry } from '@flotilla/testkit/registry-server'
import { type Platform, startPlatform } from '@flotilla/testkit/lab/platform'
import { logBatches, openTab, until } from '@flotilla/testkit/lab/tab'
import { type Fleet, fleetOf } from './fleet.ts'
import { freePort } from '@flotilla/testkit/lab/free-port'

let platform: Platform
let fleet: Fleet
let hostId: string
let registry: RegistryServer
let folder: string

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'spine-'))
  registry = await startRegistry({ dir: join(folder, 'registry'), port: await freePort() })
  for (const [name, make] of [
    ['web', makeWebImage],
    ['layers', makeLayeredImage],
  ] as const) {
    await make(join(folder, name))
    await pushLayout(join(folder, name), `${registry.host}/demo/${name}:1`, AbortSignal.timeout(60_000))
  }
  platform = await startPlatform()
  fleet = fleetOf(platform)
  hostId = (await fleet.localHost()).id
})

afterEach(async () => {
  const { items } = await fleet.ok<{ items: FleetContainer[] }>('GET', '/containers')
  for (const { id } of items) await fleet.remove(id)
})

afterAll(async () => {
  await platform?.close()
  await registry?.stop()
  await rm(folder, { recursive: true, force: true })
})

const page = async (port: number) => (await fetch(`http://127.0.0.1:${port}/`)).text()
/** What a server shows that was started just now: it listens a moment after its start. */
const firstPage = async (port: number) => {
  let text = ''
  await until(`the page at port ${port}`, async () => (text = await page(port).catch(() => '')) !== '')
  return text
}

describe('the main job over REST, on real containers', () => {
  test('a container and who shares its network are stopped, started and restarted together, in any order', async () => {
    const command = ['/bin/sh', '-c', "trap 'exit 0' TERM; sleep 1000 & wait"]
    const start = (name: string, more: object) => fleet.run({ name, command, restart: { policy: 'always' }, ...more })
    const owner = await start('lends', {})
    const sharer = await start('shares', { network: 'container:lends' })
    const change = async (verb: string, ids: string[]) => {
      const operationId = `${verb}-${ids.map((id) => (id === owner.id ? 'l' : 's')).join('')}-together`
      await fleet.ok('POST', '/operations', { method: `containers.${verb}`, ids, operationId })
      let operation: { state: string } = { state: 'running' }
      await until(`the end of ${operationId}`, async () => {
        operation = await fleet.ok('GET', `/operations/${operationId}`)
        return operation.state !== 'running'
      })
      expect([operationId, operation]).toMatchObject([operationId, { state: 'succeeded', counts: { failed: 0 } }])
    }
    const [there, back] = [
      [owner.id, sharer.id],
      [sharer.id, owner.id],
    ]
    await change('restart', there)
    await change('restart', back)
    await change('stop', there)
    await change('start', back)
    for (const id of there) expect(await fleet.inspect(id)).toMatchObject({ state: 'running' })
  })

  test('pull, create, start, the published port, logs, usage, a command, stop, remove', async () => {
    const reference = `${registry.host}/demo/web:1`
    const image = await fleet.ok<FleetImage>('POST', `/hosts/${hostId}/images/pull`, { reference })
    expect(image).toMatchObject({ references: [reference], hostId, stale: false, containerCount: 0 })
    const images = await fleet.ok<{ items: FleetImage[] }>('GET', '/images?search=demo')
    expect(images.items.map(({ id }) => id)).toEqual([image.id])

    const made = await fleet.create({
      name: 'web',
      image: reference,
      memoryBytes: 64 << 20,
      ports: [{ containerPort: 80 }],
    })
    expect(made).toMatchObject({ name: 'web', state: 'created', memoryLimitBytes: 64 << 20, createdByFlotilla: true })
    const { id } = made
    const started = await fleet.change('start', id)
    expect(started).toMatchObject({ id, state: 'running', exitCode: null })
    const port = started.ports[0]?.hostPort ?? 0
    expect(await firstPage(port)).toContain('A demo web server')

    const { items, total, counts } = await fleet.ok<{ items: FleetContainer[]; total: number; counts: object }>(
      'GET',
      '/containers?state=running&search=web',
    )
    expect([total, items[0]?.id, counts]).toEqual([1, id, { running: 1 }])

    await until('the log', async () =>
      (await platform.rest('GET', `/containers/${id}/logs`)).text.includes('Serving /www on port 80'),
    )
    const stats = JSON.parse((await platform.rest('GET', `/containers/${id}/stats?follow=false`)).text) as Stats
    expect(stats).toMatchObject({ memoryLimitBytes: 64 << 20, cpuCores: null })
    expect(stats.memoryBytes).toBeGreaterThan(0)
    expect(stats.pids).toBeGreaterThanOrEqual(2)

    expect(await fleet.exec(id, ['sh', '-c', 'cat; echo oops >&2; exit 3'], { stdin: 'typed' })).toMatchObject({
      ...{ stdout: 'typed', stderr: 'oops\n', exitCode: 3 },
    })
    const detail = await fleet.inspect(id)
    expect(detail.detail).toMatchObject({ runtime: 'runc', limits: { memoryBytes: 64 << 20 }, seccomp: 'default' })
    const kernel = await fleet.ok<{
      seccomp: string
      namespaces: { type: string; owner: string }[]
      processes: object[]
    }>('GET', `/containers/${id}/kernel`)
    expect(kernel.seccomp).toBe('filter')
    expect(kernel.namespaces.find(({ type }) => type === 'net')?.owner).toBe('own')
    expect(kernel.processes.length).toBeGreaterThanOrEqual(2)

    expect(await fleet.change('stop', id)).toMatchObject({ state: 'exited', exitCode: 0 })
    await expect(page(port)).rejects.toThrow()
    expect(await fleet.remove(id)).toEqual({ id })
    expect((await platform.rest('GET', `/containers/${id}`)).status).toBe(404)
    const removed = await fleet.ok<{ deleted: string | null }>('DELETE', `/images/${image.id}`)
    expect(removed.deleted).toBe(image.imageId)
  })

  test('an image whose layers change, delete and hide one another is what it should be', async () => {
    const reference = `${registry.host}/demo/layers:1`
    await fleet.ok('POST', `/hosts/${hostId}/images/pull`, { reference })
    const { id } = await fleet.run({ image: reference })
    const { stdout } = await fleet.exec(id, [
      'sh',
      '-c',
      'cd /app; cat version keep link; echo; ls cache data; ls /swap',
    ])
    expect(stdout).toBe('7kept7\ncache:\nnew\n\ndata:\nfresh\n')
  })

  test('named and random ports, several at once, and a second life on the same named one', async () => {
    const named = await freePort()
    const { id, ports } = await fleet.run({
      ports: [
        { containerPort: 80, hostPort: named },
        { containerPort: 80, hostIp: '127.0.0.1' },
      ],
    })
    for (const { hostPort } of ports) expect(await firstPage(hostPort)).toContain('It runs.')
    expect(ports.map(({ hostPort }) => hostPort)).toContain(named)
    await fleet.change('restart', id, { timeoutSeconds: 1 })
    expect(await firstPage(named)).toContain('It runs.')
  })

  test('names answer between containers', async () => {
    await fleet.run({ name: 'server' })
    const { id } = await fleet.run({ name: 'asker' })
    const { stdout, stderr } = await fleet.exec(id, ['wget', '-q', '-O', '-', 'http://server/'])
    expect([stdout, stderr]).toEqual([expect.stringContaining('It runs.'), ''])
  })

  test('list, filters, counts, search and pages', async () => {
    for (const at of [1, 2, 3, 4, 5])
      await fleet.create({ name: `box-${at}`, labels: { app: at < 3 ? 'shop' : 'blog' } })
    await fleet.change('start', 'box-1')
    const ask = (query: string) =>
      fleet.ok<{ items: FleetContainer[]; total: number; nextCursor: string | null; counts: Record<string, number> }>(
        ...(['GET', `/containers?${query}`] as const),
      )
    const names = async (query: string) => (await ask(query)).items.map(({ name }) => name)
    expect(await names('label=app=shop')).toEqual(['box-1', 'box-2'])
    expect(await names('state=created&label=app=shop')).toEqual(['box-2'])
    expect(await names('search=box-4')).toEqual(['box-4'])
    expect(await names('search=box&order=desc&limit=2')).toEqual(['box-5', 'box-4'])
    expect((await ask('')).counts).toEqual({ created: 4, running: 1 })
    const first = await ask('limit=3')
    expect(await names(`limit=3&cursor=${first.nextCursor}`)).toEqual(['box-4', 'box-5'])
  })

  test('an exit code, a kill, a pause and a restart policy', async () => {
    const ended = await fleet.shell('exit 41')
    await fleet.change('start', ended.id)
    await until('its end', async () => (await fleet.inspect(ended.id)).exitCode === 41)
    const { id } = await fleet.run({ command: ['sleep', '1000'] })
    expect(await fleet.change('pause', id)).toMatchObject({ state: 'paused' })
    expect(await fleet.change('unpause', id)).toMatchObject({ state: 'running' })
    await fleet.change('kill', id, { signal: 'KILL' })
    await until('its end', async () => (await fleet.inspect(id)).exitCode === 137)
    const again = await fleet.shell('sleep 0.2; exit 1', { restart: { policy: 'on-failure', maximumRetries: 2 } })
    await fleet.change('start', again.id)
    await until('two restarts', async () => {
      const { state, restartCount } = await fleet.inspect(again.id)
      return state === 'exited' && restartCount === 2
    })
  })

  test('the document has the routes and is served to everybody who may read it', async () => {
    const { status, body } = await platform.rest<{ openapi: string; paths: Record<string, object> }>(
      'GET',
      '/openapi.json',
    )
    expect([status, body.openapi]).toEqual([200, '3.1.0'])
    expect(Object.keys(body.paths)).toEqual(
      expect.arrayContaining(['/containers/{id}/logs', '/hosts/{hostId}/images/pull']),
    )
  })
})

describe('rights', () => {
  test('what a viewer and an operator may not, told by code and sentence; nobody without a key', async () => {
    const key = async (role: string) => {
      const email = `${role}@example.org`
      await platform.admins(
        'user',
        'create',
        '--email',
        email,
        '--name',
        role,
        '--password',
        'a long password',
        '--role',
        role,
      )
      return (await platform.admins('key', 'create', '--email', email, '--name', 'test')).split('\n').at(-1) ?? ''
    }
    const [viewer, operator] = [await key('viewer'), await key('operator')]
    const { id } = await fleet.run({})
    const create = `/hosts/${hostId}/containers`
    const bind = { image: 'flotilla.local/starter', mounts: [{ type: 'bind', source: '/', target: '/host' }] }
    const answers = async (of: string | null) => [
      (await platform.rest('GET', '/containers', undefined, of)).status,
      (await platform.rest('GET', `/containers/${id}/logs`, undefined, of)).status,
      (await platform.rest('POST', create, bind, of)).status,
      (await platform.rest('POST', `/containers/${id}/exec`, { command: ['true'] }, of)).status,
      (await platform.rest('POST', `/containers/${id}/stop`, { timeoutSeconds: 0 }, of)).status,
      (await platform.rest('GET', '/people', undefined, of)).status,
    ]
    expect(await answers(null)).toEqual([401, 401, 401, 401, 401, 401])
    expect(await answers('flk_wrong')).toEqual([401, 401, 401, 401, 401, 401])
    expect(await answers(viewer)).toEqual([200, 200, 403, 403, 403, 403])
    expect(await answers(operator)).toEqual([200, 200, 403, 200, 200, 403])
    expect(await answers(platform.apiKey)).toEqual([200, 200, 200, 409, 200, 200])
  })
})

describe('the live channel', () => {
  test('changes of the fleet, a following log, usage and a terminal that is typed into', async () => {
    const tab = await openTab(platform)
    try {
      const { id } = await fleet.shell('n=0; while :; do n=$((n+1)); echo line $n; sleep 0.05; done', { name: 'live' })
      await fleet.change('start', id)
      const rows = () =>
        tab.fleet.flatMap(({ changes }) => changes.flatMap((one) => one.rows)).filter((row) => row.id === id)
      await until('the change', () => rows().some((row) => row['state'] === 'running'))

      const lines: LogLine[] = []
      const log = await tab.open({ kind: 'logs', input: { id, follow: true } }, (piece) => {
        for (const batch of logBatches(piece)) lines.push(...batch.lines)
      })
      const samples: Stats[] = []
      await tab.open({ kind: 'stats', input: { id, intervalMs: 250 } }, (piece) => {
        samples.push(...(JSON.parse(piece.toString()) as Stats[]))
      })
      const session = await terminalSession(id)
      let screen = ''
      const terminal = await tab.open({ kind: 'terminal', input: { container: id, session } }, (piece) => {
        if (Buffer.isBuffer(piece)) screen += piece.toString()
      })
      await terminal.input({ message: { type: 'resize', columns: 101, rows: 33 } })
      await terminal.input({ data: Buffer.from('stty size; echo "grüße"\r') })
      await until('the answers', () => screen.includes('33 101') && screen.includes('\ngrüße'))
      await until('lines and samples', () => lines.length > 20 && samples.length > 2)
      expect(lines.map(({ text }) => text)).toEqual(lines.map((_, at) => `line ${at + 1}`))
      expect(samples.at(-1)?.cpuCores).not.toBeNull()

      await terminal.input({ data: Buffer.from('exit 5\r') })
      expect(await terminal.ended).toEqual({ stream: expect.any(Number) as number })
      await fleet.change('stop', id, { timeoutSeconds: 0 })
      expect(await log.ended).toEqual({ stream: expect.any(Number) as number })
      await fleet.remove(id)
      await until('the removal', () =>
        tab.fleet.some(({ changes }) => changes.some(({ removed }) => removed.includes(id))),
      )
    } finally {
      tab.close()
    }
  })
})

/** Made by the person whose tab opens it: a session is its maker's own. */
async function terminalSession(id: string): Promise<string> {
  const { id: session } = await fleet.ok<{ id: string }>('POST', `/containers/${id}/exec-sessions`, {
    command: ['/bin/sh'],
    tty: true,
  })
  return session
}
