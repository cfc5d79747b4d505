import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { createFakeEngine, fakeImage } from '@flotilla/testkit'
import { type CallOptions, type Container, rolePermissions, systemScope, type WatchItem } from '@flotilla/protocol'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { openAgent } from './testing/open-agent.ts'

let open: Awaited<ReturnType<typeof openAgent>>
let fake: ReturnType<typeof createFakeEngine>
beforeEach(async () => {
  fake = createFakeEngine({ absences: { 'containers.pause': 'Not here.' }, layerMs: 300 })
  open = await openAgent({ engine: fake })
})
afterEach(() => open.close())

const as = (role: 'viewer' | 'operator' | 'admin'): CallOptions => ({
  scope: { actor: role, permissions: [...rolePermissions[role]] },
})
const system: CallOptions = { scope: systemScope }
const sleeper = { image: fakeImage, command: ['/bin/sh', '-c', 'sleep 1000'] }

describe('rights', () => {
  it('refuses what the scope lacks, and privileged options to an operator', async () => {
    const { engine } = open
    await expect(engine.containers.create(sleeper, as('viewer'))).rejects.toMatchObject({ code: 'PERMISSION_DENIED' })
    const bind = { ...sleeper, mounts: [{ type: 'bind' as const, source: '/', target: '/host' }] }
    const refused = engine.containers.create(bind, as('operator'))
    await expect(refused).rejects.toMatchObject({ code: 'PERMISSION_DENIED', message: /bind mounts/ })
    expect(await engine.containers.list({}, system)).toEqual([])
    expect((await engine.containers.create(bind, as('admin'))).container.state).toBe('created')
  })

  it('answers UNSUPPORTED with the reason', async () => {
    const refused = open.engine.containers.pause({ id: 'x' }, system)
    await expect(refused).rejects.toMatchObject({ code: 'UNSUPPORTED', message: 'Not here.' })
  })
})

describe('operations', () => {
  it('makes one container of one id, at once and later, and refuses the id for another input', async () => {
    const once = { ...system, operationId: 'operation-1' }
    const both = await Promise.all([1, 2, 3].map(() => open.engine.containers.create(sleeper, once)))
    const again = await open.engine.containers.create(sleeper, once)
    expect(new Set([...both, again].map(({ container }) => container.id)).size).toBe(1)
    expect(await open.engine.containers.list({}, system)).toHaveLength(1)
    const other = open.engine.containers.create({ ...sleeper, name: 'other' }, once)
    await expect(other).rejects.toMatchObject({ code: 'CONFLICT' })
  })

  it('gives the same failure again', async () => {
    const once = { ...system, operationId: 'operation-2' }
    for (const _ of [1, 2]) {
      const failed = open.engine.containers.start({ id: 'nobody' }, once)
      await expect(failed).rejects.toMatchObject({ code: 'NOT_FOUND' })
    }
  })

  it('goes on where its caller leaves, shows progress, and can be cancelled', async () => {
    const leave = new AbortController()
    const pull = { ...system, operationId: 'operation-3', signal: leave.signal }
    const left = open.engine.images.pull({ reference: 'alpine:3.20' }, pull)
    setTimeout(() => leave.abort(), 100)
    await expect(left).rejects.toMatchObject({ code: 'CANCELLED' })
    const states: string[] = []
    for await (const one of open.agent.operations.watch({ id: 'operation-3' }, system)) {
      states.push(`${one.state}:${one.progress.length > 1}`)
    }
    expect(states[0]).toMatch(/^running/)
    expect(states.at(-1)).toBe('succeeded:true')

    const second = open.engine.images.pull({ reference: 'nginx' }, { ...system, operationId: 'operation-4' })
    second.catch(() => {})
    await sleep(100)
    const ended = await open.agent.operations.cancel({ id: 'operation-4' }, system)
    expect(ended).toMatchObject({ state: 'failed', error: { code: 'CANCELLED' } })
    await expect(second).rejects.toMatchObject({ code: 'CANCELLED' })
  })

  it('keeps outcomes over a restart, and runs again what was interrupted', async () => {
    const once = { ...system, operationId: 'operation-5' }
    const { container } = await open.engine.containers.create(sleeper, once)
    const pull = open.engine.images.pull({ reference: 'nginx' }, { ...system, operationId: 'operation-6' })
    pull.catch(() => {})
    await sleep(50)
    await open.close(true)
    open = await openAgent({ dataDir: open.dataDir, engine: fake })
    expect((await open.engine.containers.create(sleeper, once)).container.id).toBe(container.id)
    const interrupted = (await open.agent.operations.list({}, system)).find(({ id }) => id === 'operation-6')
    expect(interrupted?.state).toBe('interrupted')
    const again = await open.engine.images.pull({ reference: 'nginx' }, { ...system, operationId: 'operation-6' })
    expect(again.image.references).toEqual(['docker.io/library/nginx:latest'])
  })

  it('answers a repeat with the object as it is now, of which the journal has the id alone where it is large', async () => {
    const labels = Object.fromEntries(Array.from({ length: 20 }, (_, at) => [`note${at}`, 'x'.repeat(20_000)]))
    const once = { ...system, operationId: 'operation-7' }
    const { container } = await open.engine.containers.create({ ...sleeper, labels }, once)
    expect(JSON.stringify(container).length).toBeLessThan(32_768)
    const written = await readFile(join(open.dataDir, 'operations', 'operation-7.json'), 'utf8')
    expect(written.length).toBeLessThan(2000)
    await open.engine.containers.start({ id: container.id }, system)
    const again = await open.engine.containers.create({ ...sleeper, labels }, once)
    expect(again.container).toMatchObject({ id: container.id, state: 'running' })
    const { version } = await open.engine.containers.remove({ id: container.id, force: true }, system)
    expect(again.version?.sequence).toBeLessThan(version?.sequence ?? 0)
    const gone = open.engine.containers.create({ ...sleeper, labels }, once)
    await expect(gone).rejects.toMatchObject({ code: 'NOT_FOUND' })
    expect(await open.engine.containers.list({}, system)).toEqual([])
  })
})

describe('watch', () => {
  it('sends a snapshot, then numbered changes, and resumes where the watcher was', async () => {
    const made = await open.engine.containers.create(sleeper, system)
    const items: WatchItem[] = []
    const kinds = ['container', 'image']
    const leave = new AbortController()
    for await (const item of open.agent.agent.watch({ kinds }, { ...system, signal: leave.signal })) {
      items.push(item)
      if (item.type === 'snapshot-end') void open.engine.containers.start({ id: made.container.id }, system)
      if (item.type === 'row' && (item.row as Container).state === 'running') break
    }
    expect(items[0]).toMatchObject({ type: 'hello', resumed: false })
    expect(items.find(({ type }) => type === 'rows')).toMatchObject({ rows: [{ id: made.container.id }] })
    const last = items.at(-1)
    if (last?.type !== 'row') throw new Error('no change came')

    const { version } = await open.engine.containers.stop({ id: made.container.id, timeoutSeconds: 0 }, system)
    const sequences: number[] = []
    for await (const item of open.agent.agent.watch({ since: last.version, kinds }, system)) {
      if (item.type === 'hello') expect(item.resumed).toBe(true)
      expect(item.type).not.toBe('rows')
      if (item.type === 'row') sequences.push(item.version.sequence)
      if (item.type === 'row' && item.version.sequence === version?.sequence) break
    }
    expect(sequences).toEqual(sequences.map((_, index) => last.version.sequence + 1 + index))
  })
})
