import { randomBytes } from 'node:crypto'
import { expect } from 'vitest'
import { scope } from './kit.ts'
import type { Topic } from './topic.ts'

/** Files: bind mounts, tmpfs, a root that nobody can write. */
export const mounts: Topic = (test) => {
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
