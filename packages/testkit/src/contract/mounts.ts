import { randomBytes } from 'node:crypto'
import { type ContainerSpecInput, type Volume } from '@flotilla/protocol'
import { expect } from 'vitest'
import { codeOf, collect, fresh, type Kit, scope } from './kit.ts'
import type { Topic } from './topic.ts'

const volumeNeeds = ['containers.create.mounts.volume', 'containers.create.pull']

/** A container of the image with VOLUMEs. */
const ofVolumes = (kit: Kit, more: Partial<ContainerSpecInput> = {}) => ({
  ...{ image: kit.subject.volumesImage, pull: 'missing' as const },
  ...more,
})

/** One volume at a place. */
const at = (volume: Volume, target: string, more: { noCopy?: boolean; readOnly?: boolean; subPath?: string } = {}) => ({
  mounts: [{ type: 'volume' as const, source: volume.name, target, ...more }],
})

/** Files: bind mounts, tmpfs, a root that nobody can write, and what containers find in volumes. */
export const mounts: Topic = (test, own) => {
  for (const topic of [mountKinds, imageVolumes, ownMounts, volumesFilled, volumeParts]) topic(test, own)
}

const mountKinds: Topic = (test) => {
  test('binds a folder of the host, both ways, or to read alone', ['containers.create.mounts.bind'], async (kit) => {
    const { folder } = kit.host
    const [ours, theirs] = [randomBytes(4).toString('hex'), randomBytes(4).toString('hex')]
    await kit.host.writeFile(`${folder}/${ours}`, 'from the host\n')
    const mount = { type: 'bind' as const, source: folder, target: '/shared' }
    const script = `cat /shared/${ours}; echo from inside > /shared/${theirs}`
    expect(await kit.run(script, { mounts: [mount] })).toMatchObject({ out: ['from the host'], exitCode: 0 })
    expect(await kit.host.readFile(`${folder}/${theirs}`)).toBe('from inside\n')
    const locked = await kit.run(`cat /shared/${ours}; echo x > /shared/${theirs}`, {
      mounts: [{ ...mount, readOnly: true }],
    })
    expect(locked).toMatchObject({ out: ['from the host'], exitCode: 1 })
    expect(await kit.host.readFile(`${folder}/${theirs}`)).toBe('from inside\n')
    expect((await kit.printed(locked.id, 'stderr')).join(' ')).toMatch(/Read-only file system/)
  })

  test('mounts a tmpfs that is each run’s own', ['containers.create.mounts.tmpfs'], async (kit) => {
    const mounts = [{ type: 'tmpfs' as const, target: '/scratch', sizeBytes: 1024 * 1024 }]
    const { out, id } = await kit.run('echo here > /scratch/file; cat /scratch/file', { mounts })
    expect(out).toEqual(['here'])
    const { out: table } = await kit.run('cat /proc/self/mountinfo', { mounts })
    expect(table.map((line) => line.split(' ')[4])).toContain('/scratch')
    const detail = await kit.engine.containers.inspect({ id }, scope)
    expect(detail.mounts).toContainEqual({ type: 'tmpfs', source: 'tmpfs', target: '/scratch', readOnly: false })
  })

  test('mounts a volume that is kept from run to run', ['containers.create.mounts.volume'], async (kit) => {
    const more = { mounts: [{ type: 'volume' as const, target: '/kept' }], readOnlyRoot: true }
    const { id, out } = await kit.run('echo x >> /kept/file; cat /kept/file', more)
    expect(out).toEqual(['x'])
    await kit.engine.containers.start({ id }, scope)
    await kit.engine.containers.wait({ id }, scope)
    expect(await kit.printed(id)).toEqual(['x', 'x', 'x'])
    const detail = await kit.engine.containers.inspect({ id }, scope)
    expect(detail.mounts).toMatchObject([{ type: 'volume', target: '/kept', readOnly: false }])
    await kit.engine.containers.remove({ id, volumes: true }, scope)
  })

  test('keeps a read-only root from being written', ['containers.create'], async (kit) => {
    const script = 'echo x > /file; echo $?; cat /file'
    expect((await kit.run(script)).out).toEqual(['0', 'x'])
    const { id, out } = await kit.run(script, { readOnlyRoot: true })
    expect(out[0]).not.toBe('0')
    expect((await kit.printed(id, 'stderr')).join(' ')).toMatch(/Read-only file system/)
  })
}

const imageVolumes: Topic = (test) => {
  test(
    'gives a container the VOLUMEs of its image: nameless, filled, and written under a read-only root',
    volumeNeeds,
    async (kit) => {
      const { containers, volumes } = kit.engine
      const script = 'cat /data/file; echo x > /data/new; echo y > /not/there/new; cat /data/new /not/there/new'
      const { id, out } = await kit.run(
        `${script}; echo z > /no || echo locked`,
        ofVolumes(kit, { readOnlyRoot: true }),
      )
      expect(out).toEqual(['data of the image', 'x', 'y', 'locked'])
      const detail = await containers.inspect({ id }, scope)
      const own = detail.container.volumes ?? []
      expect(own).toHaveLength(2)
      for (const volume of own) {
        const { volume: row, usedBy } = await volumes.inspect({ id: volume }, scope)
        expect(row).toMatchObject({ id: volume, name: volume, anonymous: true })
        expect(usedBy).toMatchObject([{ id, readOnly: false, subPath: null }])
      }
      const shown = detail.mounts.map(({ type, source, target, readOnly }) => [
        type,
        own.includes(source),
        target,
        readOnly,
      ])
      expect(shown.sort()).toEqual([
        ['volume', true, '/data', false],
        ['volume', true, '/not/there', false],
      ])
      // Another container has its own, and one that is removed alone leaves them.
      const other = await kit.run('cat /data/new || echo none', ofVolumes(kit))
      expect(other.out).toEqual(['none'])
      const left = (await kit.inspect(other.id)).volumes ?? []
      await containers.remove({ id: other.id }, scope)
      for (const volume of left) kit.keepVolume((await volumes.inspect({ id: volume }, scope)).volume)
      await containers.remove({ id, volumes: true }, scope)
      for (const volume of own) expect(await codeOf(volumes.inspect({ id: volume }, scope))).toBe('NOT_FOUND')
    },
  )

  test(
    'mounts what was asked for where the image has a VOLUME',
    [...volumeNeeds, 'containers.create.mounts.tmpfs'],
    async (kit) => {
      const mounts = [{ type: 'tmpfs' as const, target: '/data' }]
      const { id, out } = await kit.run('cat /data/file || echo none', ofVolumes(kit, { mounts }))
      expect(out).toEqual(['none'])
      expect((await kit.inspect(id)).volumes).toHaveLength(1)
      await kit.engine.containers.remove({ id, volumes: true }, scope)
    },
  )
}

const ownMounts: Topic = (test) => {
  test('mounts what every container has where its image has links', ['containers.create.pull'], async (kit) => {
    const { id, out } = await kit.run('cat /proc/self/mountinfo', ofVolumes(kit))
    const places = ['/proc', '/sys', '/etc/hosts', '/etc/resolv.conf']
    expect(
      out
        .map((line) => line.split(' ')[4] ?? '')
        .filter((place) => places.includes(place))
        .sort(),
    ).toEqual([...places].sort())
    await kit.engine.containers.remove({ id, volumes: true }, scope)
  })
}

const volumesFilled: Topic = (test) => {
  test('fills an empty volume from the image, once, and none where it was told not to', volumeNeeds, async (kit) => {
    const run = async (script: string, spec: Partial<ContainerSpecInput>) => {
      const { id, out } = await kit.run(script, ofVolumes(kit, spec))
      await kit.engine.containers.remove({ id, volumes: true }, scope)
      return out
    }
    const [volume, used] = [await kit.volume(), await kit.volume()]
    expect(await run('cat /seeded/file || echo none', at(volume, '/seeded', { noCopy: true }))).toEqual(['none'])
    expect(await run('cat /nowhere/file || echo none', at(volume, '/nowhere'))).toEqual(['none'])
    expect(await run('cat /seeded/file; echo more >> /seeded/file', at(volume, '/seeded'))).toEqual([
      'seeded of the image',
    ])
    expect(await run('cat /data/file', at(volume, '/data'))).toEqual(['seeded of the image', 'more'])
    await run('echo own > /used/own', at(used, '/used'))
    expect(await run('cat /seeded/own; cat /seeded/file || echo none', at(used, '/seeded'))).toEqual(['own', 'none'])
    // A named one that the container itself makes.
    const made = { ...volume, name: fresh('made') }
    expect(await run('cat /data/file', at(made, '/data'))).toEqual(['data of the image'])
    kit.keepVolume((await kit.engine.volumes.inspect({ id: made.name }, scope)).volume)
  })

  test('fills a volume with owners, modes and links', [...volumeNeeds, 'volumeFiles.read'], async (kit) => {
    const volume = await kit.volume()
    const look = (folder: string) => `stat -c '%u:%g %a' ${folder} ${folder}/file; readlink ${folder}/link`
    const { id, out } = await kit.run(`${look('/data')}; ${look('/seeded')}`, ofVolumes(kit, at(volume, '/seeded')))
    const asInTheImage = ['1000:1000 770', '1234:2345 644', 'file']
    expect(out).toEqual([...asInTheImage, ...asInTheImage])
    for (const mounted of (await kit.inspect(id)).volumes ?? []) {
      const files = (await kit.engine.volumeFiles.list({ id: mounted, path: '' }, scope)).items
      if (files.length === 0) continue
      const read = kit.engine.volumeFiles.read({ id: mounted, path: 'file' }, scope)
      const word = mounted === volume.id ? 'seeded' : 'data'
      expect(Buffer.concat(await collect(read)).toString()).toBe(`${word} of the image\n`)
    }
    await kit.engine.containers.remove({ id, volumes: true }, scope)
  })
}

const volumeParts: Topic = (test) => {
  const needs = [...volumeNeeds, 'containers.create.mounts.subPath']
  test('mounts a part of a volume alone, a folder or a file, and none that is not there', needs, async (kit) => {
    const { containers, volumes } = kit.engine
    const volume = await kit.volume()
    await kit.run('mkdir -p /v/a/b; echo inner > /v/a/b/file; echo beside > /v/beside', at(volume, '/v'))
    const { id, out } = await kit.run(
      'cat /part/b/file; cat /part/beside || echo none; echo new > /part/new',
      at(volume, '/part', { subPath: 'a' }),
    )
    expect(out).toEqual(['inner', 'none'])
    const { usedBy } = await volumes.inspect({ id: volume.id }, scope)
    expect(usedBy.filter((user) => user.id === id)).toMatchObject([{ target: '/part', subPath: 'a', readOnly: false }])
    expect((await kit.run('cat /v/a/new', at(volume, '/v'))).out).toEqual(['new'])
    expect((await kit.run('cat /part', at(volume, '/part', { subPath: 'a/b/file' }))).out).toEqual(['inner'])
    const locked = await kit.run(
      'cat /part/new; echo x > /part/new || echo locked',
      at(volume, '/part', { subPath: 'a', readOnly: true }),
    )
    expect(locked.out).toEqual(['new', 'locked'])
    const missing = await kit.create('true', at(volume, '/part', { subPath: 'none' }))
    expect(await codeOf(containers.start({ id: missing.id }, scope))).toBe('INVALID_ARGUMENT')
    const nameless = [{ type: 'volume' as const, target: '/part', subPath: 'a' }]
    for (const mounts of [nameless, at(volume, '/part', { subPath: 'a/../b' }).mounts]) {
      expect(await codeOf(kit.create('true', { mounts }))).toBe('INVALID_ARGUMENT')
    }
  })
}
