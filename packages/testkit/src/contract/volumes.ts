import { type Volume } from '@flotilla/protocol'
import { expect } from 'vitest'
import { during } from './events.ts'
import { codeOf, eventually, fresh, type Kit, scope, sleeper } from './kit.ts'
import type { Topic } from './topic.ts'

const needs = ['volumes.create', 'volumes.list', 'volumes.inspect', 'volumes.remove', 'containers.create.mounts.volume']
const mib = 1024 * 1024

/** The volume where a container sees it. */
const mounted = ({ name }: Volume, readOnly = false) => ({
  mounts: [{ type: 'volume' as const, source: name, target: '/data', readOnly }],
})

const isNow = (time: string | null, since: number) => {
  expect(Date.parse(time ?? '')).toBeGreaterThan(since - 2000) // some engines tell whole seconds
  expect(Date.parse(time ?? '')).toBeLessThan(Date.now() + 2000)
}

/** Volumes as the engine keeps them: their rows, who uses them, what they take. */
export const volumes: Topic = (test, own) => {
  for (const topic of [volumesThemselves, volumeUsers, volumeContents, volumeEnds]) topic(test, own)
}

const volumesThemselves: Topic = (test, own) => {
  test('makes a volume, shows each field of it, and takes it away for good', needs, async (kit) => {
    const { volumes } = kit.engine
    const [since, name, labels] = [Date.now(), fresh('data'), { team: 'web', empty: '' }]
    const volume = await kit.volume({ name, labels })
    const { engine } = await kit.create('true')
    expect(volume).toMatchObject({ engine, name, labels, driver: 'local', sizeLimitBytes: null })
    expect(volume).toMatchObject({ anonymous: false, createdByFlotilla: true })
    isNow(volume.createdAt, since)
    expect((await volumes.list({}, scope)).filter(({ id }) => id === volume.id)).toEqual([volume])
    const detail = await volumes.inspect({ id: volume.id }, scope)
    expect(detail).toMatchObject({ volume, usedBy: [], size: null })
    expect(Object.keys(detail.native)).not.toEqual([])
    expect((await volumes.inspect({ id: name }, scope)).volume).toEqual(volume)
    await kit.run('echo kept > /data/file', mounted(volume))
    expect(await kit.host.readFile(`${volume.mountpoint}/file`)).toBe('kept\n')
    expect(await codeOf(volumes.create({ name }, scope))).toBe('ALREADY_EXISTS')
    const { id } = await kit.volume()
    for (const _ of ['first', 'again']) await volumes.remove({ id }, scope)
    expect(await codeOf(volumes.inspect({ id }, scope))).toBe('NOT_FOUND')
    expect((await volumes.list({}, scope)).map((one) => one.id)).not.toContain(id)
  })

  own('gives no volume a name that looks like an id, by which another may be found', needs, async (kit) => {
    const { volumes } = kit.engine
    for (const name of ['deadbeef1234', 'c0ffee'.repeat(8)]) {
      expect(await codeOf(volumes.create({ name }, scope))).toBe('INVALID_ARGUMENT')
      const mounts = [{ type: 'volume' as const, source: name, target: '/data' }]
      const refused = await kit.create('true', { mounts }).catch((error: unknown) => error)
      expect(refused).toMatchObject({ code: 'INVALID_ARGUMENT', kind: 'volume.nameLikeId' })
    }
    expect((await kit.volume({ name: 'deadbeef' })).name).toBe('deadbeef')
  })
}

const volumeUsers: Topic = (_test, own) => {
  own('names the containers that mount a volume, running or not, and keeps it for them', needs, async (kit) => {
    const { volumes, containers } = kit.engine
    const volume = await kit.volume()
    const container = await kit.start(sleeper, mounted(volume, true))
    const { id, name } = container
    expect(container.volumes).toEqual([volume.id])
    const usedBy = async () => (await volumes.inspect({ id: volume.id }, scope)).usedBy
    const use = { id, name, target: '/data', readOnly: true, subPath: null }
    expect(await usedBy()).toEqual([{ ...use, state: 'running' }])
    const refused = await volumes.remove({ id: volume.id }, scope).catch((error: unknown) => error)
    expect(refused).toMatchObject({ code: 'CONFLICT' })
    expect(kit.isNamed(container, refused)).toBe(true)
    await containers.stop({ id, timeoutSeconds: 0 }, scope)
    await eventually(async () => expect(await usedBy()).toEqual([{ ...use, state: 'exited' }]))
    expect(await codeOf(volumes.remove({ id: volume.id }, scope))).toBe('CONFLICT')
    await containers.remove({ id, volumes: true }, scope)
    expect(await usedBy()).toEqual([]) // it has a name: a container does not take it along
    await volumes.remove({ id: volume.id }, scope)
  })

  own('tells of a container once, as one that writes where any of its mounts lets it', needs, async (kit) => {
    const volume = await kit.volume()
    const mount = (target: string, readOnly: boolean) => ({
      ...{ type: 'volume' as const, source: volume.name, target, readOnly },
    })
    const writer = await kit.create('true', { mounts: [mount('/ro', true), mount('/rw', false), mount('/zz', false)] })
    const reader = await kit.create('true', { mounts: [mount('/b', true), mount('/a', true)] })
    const { usedBy } = await kit.engine.volumes.inspect({ id: volume.id }, scope)
    const uses = usedBy.map(({ id, target, readOnly }) => [id, target, readOnly])
    expect(new Set(uses.map(String))).toEqual(
      new Set(
        [
          [writer.id, '/rw', false],
          [reader.id, '/a', true],
        ].map(String),
      ),
    )
    expect(uses.length).toBe(2)
  })

  own('tells a volume that was made for a container from one with a name', needs, async (kit) => {
    const { volumes, containers } = kit.engine
    const container = await kit.create('true', { mounts: [{ type: 'volume', target: '/own' }] })
    const [id = ''] = container.volumes ?? []
    const { volume, usedBy } = await volumes.inspect({ id }, scope)
    expect(volume).toMatchObject({ id, anonymous: true })
    expect(usedBy).toMatchObject([{ id: container.id, target: '/own', readOnly: false }])
    expect((await volumes.inspect({ id: id.slice(0, 12) }, scope)).volume.id).toBe(id)
    expect(await codeOf(volumes.inspect({ id: id.slice(0, 11) }, scope))).toBe('NOT_FOUND')
    await containers.remove({ id: container.id, volumes: true }, scope)
    expect(await codeOf(volumes.inspect({ id }, scope))).toBe('NOT_FOUND')
  })
}

const volumeContents: Topic = (test, own) => {
  test('measures a volume when asked, and keeps what it measured', [...needs, 'volumes.measure'], async (kit) => {
    const { volumes } = kit.engine
    const volume = await kit.volume()
    await kit.run('head -c 1048576 /dev/urandom > /data/file; ln /data/file /data/again', mounted(volume))
    const since = Date.now()
    expect((await volumes.inspect({ id: volume.id }, scope)).size).toBeNull()
    const { volume: row, version: _, ...size } = await volumes.measure({ id: volume.id }, scope)
    expect(size.sizeBytes).toBeGreaterThanOrEqual(mib)
    expect(size.sizeBytes).toBeLessThan(1.5 * mib)
    isNow(size.measuredAt, since)
    expect((await volumes.inspect({ id: volume.id }, scope)).size).toEqual(size)
    expect(row).toEqual({ ...volume, size })
    expect((await volumes.list({}, scope)).filter(({ id }) => id === volume.id)).toEqual([row])
  })

  own('has no size of one that is gone for another of its name', ['volumes.create', 'volumes.measure'], async (kit) => {
    const { volumes } = kit.engine
    const { id, name } = await kit.volume()
    await volumes.measure({ id }, scope)
    await volumes.remove({ id }, scope)
    const again = await kit.volume({ name })
    expect(again.size).toBeUndefined()
    expect((await volumes.inspect({ id: name }, scope)).size).toBeNull()
  })

  own('holds a volume to its size limit', [...needs, 'volumes.create.sizeLimit'], async (kit) => {
    const volume = await kit.volume({ sizeLimitBytes: 16 * mib })
    expect(volume.sizeLimitBytes).toBe(16 * mib)
    const script =
      'head -c 8388608 /dev/urandom > /data/a && echo fits; head -c 16777216 /dev/urandom > /data/b || echo full'
    expect((await kit.run(script, mounted(volume))).out).toEqual(['fits', 'full'])
  })

  test('renames a volume under those who mount it', [...needs, 'volumes.rename'], async (kit) => {
    const { volumes } = kit.engine
    const [volume, other, name] = [await kit.volume(), await kit.volume(), fresh('renamed')]
    const container = await kit.start('echo here > /data/file; exec sleep 1000', mounted(volume))
    const renamed = (await volumes.rename({ id: volume.id, name }, scope)).volume
    expect(renamed).toEqual({ ...volume, name })
    expect((await volumes.inspect({ id: name }, scope)).usedBy).toMatchObject([{ id: container.id, state: 'running' }])
    expect(await codeOf(volumes.inspect({ id: volume.name }, scope))).toBe('NOT_FOUND')
    expect(await codeOf(volumes.rename({ id: volume.id, name: other.name }, scope))).toBe('ALREADY_EXISTS')
    expect((await volumes.rename({ id: volume.id, name }, scope)).volume).toEqual(renamed)
    expect((await kit.run('cat /data/file', mounted(renamed))).out).toEqual(['here'])
  })

  test('clones a volume with owners and links, as a copy of its own', [...needs, 'volumes.clone'], async (kit) => {
    const { volumes } = kit.engine
    const volume = await kit.volume({ labels: { of: 'the first' } })
    const fill = 'cd /data; echo text > file; chmod 640 file; chown 1234:2345 file; ln file same; ln -s file link'
    await kit.run(`${fill}; chown 77:88 .`, mounted(volume))
    const clone = async (labels?: Record<string, string>) =>
      kit.keepVolume(
        (await volumes.clone({ id: volume.id, name: fresh('copy'), ...(labels && { labels }) }, scope)).volume,
      )
    const copy = await clone()
    expect(copy).toMatchObject({ labels: { of: 'the first' }, anonymous: false, createdByFlotilla: true })
    expect(copy.id).not.toBe(volume.id)
    const look = 'cd /data; stat -c "%u:%g" .; stat -c "%u:%g %a %h" file same; readlink link; cat link'
    const { out } = await kit.run(`${look}; echo other > file`, mounted(copy))
    expect(out).toEqual(['77:88', '1234:2345 640 2', '1234:2345 640 2', 'file', 'text'])
    expect((await kit.run('cat /data/file', mounted(volume))).out).toEqual(['text'])
    expect((await clone({ of: 'the second' })).labels).toEqual({ of: 'the second' })
    expect(await codeOf(volumes.clone({ id: volume.id, name: copy.name }, scope))).toBe('ALREADY_EXISTS')
  })
}

const volumeEnds: Topic = (test, own) => {
  test(
    'prunes exactly what was previewed, and leaves what is used by now',
    [...needs, 'volumes.prunePreview', 'volumes.prune'],
    async (kit) => {
      const { volumes } = kit.engine
      const [first, second, used] = [await kit.volume(), await kit.volume(), await kit.volume()]
      await kit.run('head -c 1048576 /dev/urandom > /data/file', mounted(first)).then(({ id }) => discard(kit, id))
      await kit.create('true', mounted(used))
      const since = Date.now()
      const preview = await volumes.prunePreview({ all: true }, scope)
      const sizes = new Map(preview.volumes.map(({ volume, sizeBytes }) => [volume.id, sizeBytes]))
      expect(preview.volumes.map(({ volume }) => volume)).toContainEqual(first)
      expect([first, second, used].map(({ id }) => sizes.has(id))).toEqual([true, true, false])
      expect(sizes.get(first.id)).toBeGreaterThanOrEqual(mib)
      expect(preview.totalBytes).toBe([...sizes.values()].reduce<number>((sum, bytes) => sum + (bytes ?? 0), 0))
      isNow(preview.measuredAt, since)
      const nameless = await volumes.prunePreview({}, scope)
      expect(nameless.volumes.filter(({ volume }) => !volume.anonymous)).toEqual([])
      await kit.create('true', mounted(second))
      const marks = Object.fromEntries(
        preview.volumes.flatMap(({ volume, mark }) => (mark === undefined ? [] : [[volume.id, mark]])),
      )
      const done = await volumes.prune({ ids: ['nowhere', ...[first, second, used].map(({ id }) => id)], marks }, scope)
      expect(done.removed).toEqual([first.id])
      expect(done).toMatchObject({ freedBytes: sizes.get(first.id), unmeasured: 0 })
      expect(done.retained.map(({ id }) => id)).toEqual([second.id, used.id])
      for (const { error } of done.retained) expect(error).toMatchObject({ code: 'CONFLICT', kind: 'volume.inUse' })
      expect(await codeOf(volumes.inspect({ id: first.id }, scope))).toBe('NOT_FOUND')
    },
  )

  own(
    'leaves what has got a name since it was previewed as nameless, with a mark and without',
    [...needs, 'volumes.rename', 'volumes.prunePreview', 'volumes.prune'],
    async (kit) => {
      const { volumes } = kit.engine
      const container = await kit.create('true', { mounts: [{ type: 'volume', target: '/own' }] })
      const [id = ''] = container.volumes ?? []
      await kit.engine.containers.remove({ id: container.id, volumes: false }, scope)
      const { mark } = (await volumes.prunePreview({}, scope)).volumes.find(({ volume }) => volume.id === id) ?? {}
      const { volume } = await volumes.rename({ id, name: fresh('precious') }, scope)
      kit.keepVolume(volume)
      for (const marks of [{}, ...(mark === undefined ? [] : [{ [id]: mark }])]) {
        const { removed, retained } = await volumes.prune({ ids: [id], marks }, scope)
        expect(removed).toEqual([])
        expect(retained).toMatchObject([{ id, error: { code: 'CONFLICT', kind: 'volume.otherThanPreviewed' } }])
      }
      expect((await volumes.inspect({ id }, scope)).volume).toEqual(volume)
    },
  )

  own('tells of a volume’s life', [...needs, 'events.watch'], async (kit) => {
    let volume: Volume | undefined
    const reported = await during(
      kit,
      async () => {
        volume = await kit.volume()
        await kit.engine.volumes.remove({ id: volume.id }, scope)
      },
      (event) => event.kind === 'volume' && event.id === volume?.id && event.action === 'destroy',
    )
    const changes = reported.filter((event) => event.kind === 'volume' && event.id === volume?.id)
    expect(changes.map(({ action, row }) => [action, row])).toEqual([
      ['create', volume],
      ['destroy', null],
    ])
  })
}

/** Ends the use of what a container mounts. */
async function discard(kit: Kit, id: string): Promise<void> {
  await kit.engine.containers.remove({ id, force: true }, scope)
}
