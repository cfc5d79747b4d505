import { readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { link, mkdir, readdir, readFile, rm, stat, symlink, truncate, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { run, runOk } from '@flotilla/host'
import { fail } from '@flotilla/protocol'
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest'
import { makePlace, type Opened, openEngine, type Place, removeAll } from '../testing/engine-fixture.ts'
import { aCall, addVolumeImage, createShell, runToEnd, volumeClient } from '../testing/volume-fixture.ts'

let place: Place
let on: Opened
let volumes: ReturnType<typeof volumeClient>

beforeAll(async () => {
  place = await makePlace()
  await addVolumeImage(place)
  on = await openEngine(place)
  volumes = volumeClient(on)
})
afterEach(async () => {
  await removeAll(on)
  for (const { id } of await volumes.list()) await volumes.remove(id)
})
afterAll(async () => {
  await on.close()
  await place.remove()
})

async function* body(...texts: string[]): AsyncGenerator<Uint8Array> {
  for (const one of texts) yield await Promise.resolve(Buffer.from(one))
}
/** How many programs that this process started measure a folder, read at once: one of them may end in the meantime. */
const walks = () =>
  readdirSync('/proc/self/task')
    .flatMap((thread) => readFileSync(`/proc/self/task/${thread}/children`, 'utf8').split(' '))
    .filter((pid) => pid !== '' && readFileSync(`/proc/${pid}/comm`, 'utf8') === 'du\n').length
const shown = async (path: string) => (await runOk(['stat', '-c', '%u:%g %a %h %F', path])).stdout.toString().trim()
const mounting = (source: string) => ({ mounts: [{ type: 'volume' as const, source, target: '/v' }] })

describe('a volume', () => {
  it('is made once for a call that is repeated, and is there for the next agent', async () => {
    const call = aCall()
    const made = await volumes.create({ name: 'one', labels: { team: 'a' } }, call)
    expect(await volumes.create({ name: 'one', labels: { team: 'a' } }, call)).toEqual(made)
    await expect(volumes.create({ name: 'one' })).rejects.toMatchObject({ code: 'ALREADY_EXISTS' })
    await volumes.write({ id: 'one', path: 'file' }, body('x'))
    await on.close()
    on = await openEngine(place)
    volumes = volumeClient(on)
    expect(await volumes.list()).toEqual([made])
    expect((await volumes.read({ id: made.id.slice(0, 12), path: 'file' })).toString()).toBe('x')
  })

  it('has a name that no id and no path looks like', async () => {
    for (const name of ['', '..', '.x', 'a/b', '/etc', 'é', 'a'.repeat(256), 'a'.repeat(64), 'x\0y']) {
      await expect(volumes.create({ name })).rejects.toThrow()
    }
    await volumes.create({ name: 'Data' })
    await volumes.create({ name: 'data' })
    expect(await volumes.list()).toHaveLength(2)
    await expect(volumes.inspect('..')).rejects.toMatchObject({ code: 'NOT_FOUND' })
  })

  it('has no size limit where the file system keeps none, and says why', async () => {
    const refused = { code: 'UNSUPPORTED', message: /btrfs/ }
    await expect(volumes.create({ name: 'small', sizeLimitBytes: 1024 ** 2 })).rejects.toMatchObject(refused)
    expect(on.engine.absences()['volumes.create.sizeLimit']).toMatch(/btrfs/)
    expect(await volumes.list()).toEqual([])
  })

  it('is measured when asked, holes and second names not counted', async () => {
    const { id, mountpoint } = await volumes.create({ name: 'sized' })
    expect((await volumes.inspect(id)).size).toBeNull()
    await writeFile(join(mountpoint, 'file'), Buffer.alloc(1024 * 1024, 'a'))
    await link(join(mountpoint, 'file'), join(mountpoint, 'again'))
    await writeFile(join(mountpoint, 'hole'), '')
    await truncate(join(mountpoint, 'hole'), 1024 ** 3)
    const { volume, ...size } = await volumes.measure(id)
    expect(size.sizeBytes).toBeGreaterThanOrEqual(1024 * 1024)
    expect(size.sizeBytes).toBeLessThan(1.2 * 1024 * 1024)
    expect((await volumes.inspect(id)).size).toEqual(size)
    expect(volume?.size).toEqual(size)
  })

  it('is walked once for all who ask for its size at one time, and no more than two are at once', async () => {
    const all = await Promise.all(['a', 'b', 'c'].map((name) => volumes.create({ name })))
    const abort = new AbortController()
    const asked = all.flatMap(({ id }) => [1, 2, 3].map(() => volumes.measure(id, aCall({ signal: abort.signal }))))
    expect(walks()).toBe(2)
    expect(new Set((await Promise.all(asked)).map(({ volume }) => volume?.id)).size).toBe(3)
    const given = all.map(({ id }) => volumes.measure(id, aCall({ signal: abort.signal })))
    abort.abort(new Error('enough'))
    for (const each of given) await expect(each).rejects.toThrow()
    await expect.poll(walks).toBe(0)
    expect((await volumes.measure('c')).sizeBytes).toBeGreaterThanOrEqual(0)
  })

  it('is removed once and for all by its id, with names that are no text and links that lead out', async () => {
    const { id, mountpoint } = await volumes.create({ name: 'gone' })
    await symlink(place.folder, join(mountpoint, 'out'))
    await writeFile(Buffer.concat([Buffer.from(`${mountpoint}/`), Buffer.from([0xff])]), '')
    await volumes.remove(id)
    await volumes.remove(id)
    await expect(volumes.remove('gone')).rejects.toMatchObject({ code: 'NOT_FOUND' })
    expect(await readdir(join(place.dataDir, 'volumes'))).toEqual([])
    expect(await readdir(place.folder)).toContain('data')
  })

  it('stays with what the file system keeps of it, names that, and goes when it can', async () => {
    const { id } = await volumes.create({ name: 'clung' })
    await volumes.write({ id, path: 'clinging' }, body('x'))
    const file = join(place.dataDir, 'volumes', id, 'data/clinging')
    await runOk(['mount', '--bind', '/etc/hostname', file])
    try {
      const refused = { code: 'CONFLICT', kind: 'volume.notRemoved', params: { name: 'clung', file: '"clinging"' } }
      await expect(volumes.remove(id)).rejects.toMatchObject(refused)
      expect((await volumes.list()).map(({ name }) => name)).toEqual(['clung'])
      expect((await volumes.read({ id, path: 'clinging' })).toString()).toBe(readFileSync('/etc/hostname', 'utf8'))
    } finally {
      await runOk(['umount', file])
    }
    await volumes.remove(id)
    expect(await volumes.list()).toEqual([])
  })

  it('is no host path, and its use needs no more than a container does', async () => {
    await expect(createShell(on, 'true', mounting('/etc'))).rejects.toMatchObject({ code: 'INVALID_ARGUMENT' })
    await expect(createShell(on, 'true', mounting('../etc'))).rejects.toMatchObject({ code: 'INVALID_ARGUMENT' })
    const id = await createShell(on, 'true', mounting('plain'))
    expect((await on.client.containers.inspect({ id })).privileged).toBe(false)
  })
})

describe('a clone', () => {
  it('keeps owners, modes, attributes, hard links, holes and links, and is a copy', async () => {
    const { mountpoint: from } = await volumes.create({ name: 'original', labels: { a: 'b' } })
    await mkdir(join(from, 'folder'))
    await writeFile(join(from, 'folder', 'file'), 'text')
    await link(join(from, 'folder', 'file'), join(from, 'second'))
    await symlink('/etc/passwd', join(from, 'link'))
    await writeFile(join(from, 'hole'), '')
    await truncate(join(from, 'hole'), 512 * 1024 * 1024)
    await runOk(['setfattr', '-n', 'user.note', '-v', 'kept', join(from, 'second')])
    await runOk(['chown', '-R', '1234:2345', join(from, 'folder')])
    await runOk(['chmod', '2750', join(from, 'folder')])
    await runOk(['chown', '77:88', from])
    await runOk(['mkfifo', join(from, 'fifo')])
    await runOk(['mknod', join(from, 'device'), 'c', '1', '3'])
    const { mountpoint: to, labels } = await volumes.clone({ id: 'original', name: 'copy' })
    expect(labels).toEqual({ a: 'b' })
    for (const name of ['.', 'folder', 'folder/file', 'second', 'link', 'hole', 'fifo', 'device']) {
      expect(await shown(join(to, name))).toBe(await shown(join(from, name)))
    }
    expect((await stat(join(to, 'second'))).ino).toBe((await stat(join(to, 'folder', 'file'))).ino)
    expect((await stat(join(to, 'hole'))).blocks).toBe(0)
    const attribute = await runOk(['getfattr', '--only-values', '-n', 'user.note', join(to, 'folder', 'file')])
    expect(attribute.stdout.toString()).toBe('kept')
    await writeFile(join(to, 'second'), 'changed')
    expect(await readFile(join(from, 'second'), 'utf8')).toBe('text')
  })

  it('that is cancelled leaves nothing', async () => {
    const { mountpoint } = await volumes.create({ name: 'large' })
    await writeFile(join(mountpoint, 'file'), Buffer.alloc(64 * 1024 * 1024, 'a'))
    const abort = new AbortController()
    const cloning = volumes.clone({ id: 'large', name: 'copy' }, aCall({ signal: abort.signal }))
    await expect.poll(() => readdir(join(place.dataDir, 'volumes')), { interval: 1 }).toHaveLength(2)
    abort.abort(new Error('enough'))
    await expect(cloning).rejects.toThrow()
    expect(await readdir(join(place.dataDir, 'volumes'))).toHaveLength(1)
    await volumes.clone({ id: 'large', name: 'copy' })
  })
})

describe('a volume whose files are in use', () => {
  const names = Array.from({ length: 40 }, (_, at) => `file-${at}`).sort()
  async function fortyFiles(id: string): Promise<void> {
    const { mountpoint } = await volumes.create({ name: id })
    for (const name of names) await writeFile(join(mountpoint, name), Buffer.alloc(4 * 1024 * 1024, 'a'))
  }

  it('is copied whole though it is removed meanwhile, or it stays', async () => {
    await fortyFiles('raced')
    const cloning = volumes.clone({ id: 'raced', name: 'copy' })
    await expect.poll(() => readdir(join(place.dataDir, 'volumes')), { interval: 1 }).toHaveLength(2)
    const removed = await volumes.remove('raced').then(
      () => null,
      (error: unknown) => error,
    )
    if (removed !== null) expect(removed).toMatchObject({ code: 'CONFLICT', kind: 'volume.busy' })
    const { mountpoint } = await cloning
    expect((await readdir(mountpoint)).sort()).toEqual(names)
    for (const name of names) expect((await stat(join(mountpoint, name))).size).toBe(4 * 1024 * 1024)
  })

  it('is neither removed nor pruned during a download, which is whole, and goes after it', {
    timeout: 60_000,
  }, async () => {
    await fortyFiles('read')
    const { id } = await volumes.inspect('read').then(({ volume }) => volume)
    const download = on.engine.volumeFiles?.read({ id, path: '', as: 'tar' }, aCall())[Symbol.asyncIterator]()
    const first = await download?.next()
    await expect(volumes.remove(id)).rejects.toMatchObject({ code: 'CONFLICT', kind: 'volume.busy' })
    expect((await volumes.prune([id])).retained).toMatchObject([{ id, error: { kind: 'volume.busy' } }])
    const waiting = volumes.remove(id)
    const chunks: Uint8Array[] = first?.done === false ? [first.value] : []
    for (let step = await download?.next(); step?.done === false; step = await download?.next()) chunks.push(step.value)
    await waiting
    const listed = await runOk(['tar', '--list', '-f', '-'], { stdin: Buffer.concat(chunks) })
    expect(listed.stdout.toString().trim().split('\n')).toHaveLength(names.length + 1)
    await expect(volumes.inspect(id)).rejects.toMatchObject({ code: 'NOT_FOUND' })
  })

  it('is held no longer by a copy that was cancelled, nor by a download that was', async () => {
    await fortyFiles('let-go')
    const abort = new AbortController()
    const cloning = volumes.clone({ id: 'let-go', name: 'copy' }, aCall({ signal: abort.signal }))
    await expect.poll(() => readdir(join(place.dataDir, 'volumes')), { interval: 1 }).toHaveLength(2)
    abort.abort(new Error('enough'))
    await expect(cloning).rejects.toThrow()
    const read = on.engine.volumeFiles?.read({ id: 'let-go', path: '', as: 'tar' }, aCall())
    for await (const _chunk of read ?? []) break
    await volumes.remove('let-go')
    expect(await volumes.list()).toEqual([])
  })
})

describe('a prune', () => {
  it('tells names and bytes first, and takes exactly what was told', async () => {
    for (const name of ['used', 'named', 'other', 'late']) await volumes.create({ name })
    await volumes.write({ id: 'named', path: 'file' }, body('x'.repeat(100_000)))
    await createShell(on, 'true', mounting('used'))
    const anonymous = (await volumes.list()).filter((volume) => volume.anonymous).map(({ id }) => id)
    expect((await volumes.prunePreview()).volumes).toEqual([])
    const preview = await volumes.prunePreview(true)
    expect(preview.volumes.map(({ volume }) => volume.name).sort()).toEqual(['late', 'named', 'other'])
    expect(preview.totalBytes).toBeGreaterThan(100_000)
    await createShell(on, 'true', { ...mounting('late'), name: 'latecomer' })
    const { id: fresh } = await volumes.create({ name: 'fresh' })
    await volumes.rename('other', 'renamed')
    const done = await volumes.prune(preview.volumes.map(({ volume }) => volume.id))
    expect(done.removed).toHaveLength(2)
    expect(done.freedBytes).toBeGreaterThan(100_000)
    expect(done.retained).toMatchObject([{ error: { kind: 'volume.inUse', params: { name: 'late', count: 1 } } }])
    const left = (await volumes.list()).filter((volume) => !volume.anonymous)
    expect(left.map(({ name }) => name).sort()).toEqual(['fresh', 'late', 'used'])
    expect(left.map(({ id }) => id)).toContain(fresh)
    await removeAll(on)
    expect((await volumes.prunePreview()).volumes.map(({ volume }) => volume.id)).toEqual(
      expect.arrayContaining(anonymous),
    )
  })

  it('tells one that cannot be removed with its error, and one whose size is not known, and takes the others', async () => {
    const [stuck, hollow, last] = [
      await volumes.create({ name: 'a-stuck' }),
      await volumes.create({ name: 'b-hollow' }),
      await volumes.create({ name: 'c-last' }),
    ]
    const inner = join(stuck.mountpoint, 'inner')
    await mkdir(inner)
    await runOk(['mount', '-t', 'tmpfs', 'tmpfs', inner])
    try {
      await rm(hollow.mountpoint, { recursive: true })
      const preview = await volumes.prunePreview(true)
      const sizes = new Map(preview.volumes.map(({ volume, sizeBytes }) => [volume.id, sizeBytes]))
      expect(sizes.get(hollow.id)).toBeNull()
      expect(preview.totalBytes).toBe((sizes.get(stuck.id) ?? 0) + (sizes.get(last.id) ?? 0))
      const done = await volumes.prune([stuck.id, hollow.id, last.id])
      expect(done.removed).toEqual([hollow.id, last.id])
      expect(done).toMatchObject({ unmeasured: 1, freedBytes: sizes.get(last.id) })
      expect(done.retained).toMatchObject([{ id: stuck.id, error: { kind: 'volume.notRemoved' } }])
    } finally {
      await runOk(['umount', inner])
    }
    expect((await volumes.prune([stuck.id])).removed).toEqual([stuck.id])
  })

  it('answers what it has removed where it is cancelled, and what it has left', async () => {
    const abort = new AbortController()
    await on.close()
    on = await openEngine(place, {
      failurePoint: (name) => name === 'volumes.prune.next' && abort.abort(fail('operation.cancelled')),
    })
    volumes = volumeClient(on)
    const first = await volumes.create({ name: 'first' })
    const second = await volumes.create({ name: 'second' })
    const call = aCall({ signal: abort.signal })
    const done = await volumes.prune([first.id, second.id], call)
    expect(done.removed).toEqual([first.id])
    expect(done.retained).toMatchObject([{ id: second.id, error: { kind: 'operation.cancelled' } }])
    expect((await volumes.list()).map(({ id }) => id)).toEqual([second.id])
  })

  it('leaves out of a preview what is removed at that moment', async () => {
    await on.close()
    let preview: ReturnType<typeof volumes.prunePreview> | undefined
    on = await openEngine(place, {
      failurePoint: (name) => {
        if (name !== 'volumes.remove.folder') return
        preview = volumes.prunePreview(true)
        Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 300) // it is measured before the removal goes on
      },
    })
    volumes = volumeClient(on)
    for (const name of ['going', 'stays']) await volumes.create({ name })
    await volumes.remove('going')
    expect((await preview)?.volumes.map(({ volume }) => volume.name)).toEqual(['stays'])
  })
})

describe('a volume that is filled', () => {
  /** What each step of the fill finds done, and whether it then fails. */
  const opened = async (at: (name: string) => void) => {
    await on.close()
    on = await openEngine(place, { failurePoint: at })
    volumes = volumeClient(on)
  }
  const seeded = (source: string) => ({ mounts: [{ type: 'volume' as const, source, target: '/seeded' }] })
  const read = (path: string) => readFile(path, 'utf8')

  it('has nothing in it before all is copied, and keeps what others write meanwhile', async () => {
    const { id, mountpoint } = await volumes.create({ name: 'shared' })
    let found: string[] | undefined
    await opened((name) => {
      // The image has volumes of its own, which are filled after it.
      if (name !== 'volumes.fill.copied' || found !== undefined) return
      found = readdirSync(mountpoint)
      for (const file of ['file', 'theirs']) writeFileSync(join(mountpoint, file), `of others: ${file}`)
    })
    await runToEnd(on, await createShell(on, 'true', seeded('shared')))
    expect(found).toEqual([])
    expect((await readdir(mountpoint)).sort()).toEqual(['file', 'link', 'theirs'])
    for (const file of ['file', 'theirs']) expect(await read(join(mountpoint, file))).toBe(`of others: ${file}`)
    expect(await readdir(join(place.dataDir, 'volumes', id))).not.toContain('fill')
  })

  it('keeps what others write where it cannot be filled', async () => {
    const { mountpoint } = await volumes.create({ name: 'shared' })
    await opened((name) => {
      if (name === 'volumes.fill.state') writeFileSync(join(mountpoint, 'theirs'), 'x')
      if (name === 'volumes.fill.copied') throw new Error('no room')
    })
    await expect(createShell(on, 'true', seeded('shared'))).rejects.toThrow()
    expect(await readdir(mountpoint)).toEqual(['theirs'])
  })
})

describe('the files of a volume', () => {
  it('are listed, written, moved, read back and removed', async () => {
    const { id } = await volumes.create({ name: 'files' })
    await volumes.mkdir(id, '/folder')
    await volumes.write({ id, path: '/folder/a' }, body('one ', 'two'))
    await expect(volumes.write({ id, path: 'folder/a' }, body('x'))).rejects.toMatchObject({ code: 'ALREADY_EXISTS' })
    await volumes.renameFile(id, 'folder/a', 'folder/b')
    expect((await volumes.read({ id, path: 'folder/b' })).toString()).toBe('one two')
    expect((await volumes.files(id, 'folder')).items).toMatchObject([{ name: 'b', type: 'file', sizeBytes: 7 }])
    await expect(volumes.removeFile(id, 'folder')).rejects.toMatchObject({ code: 'CONFLICT' })
    await volumes.removeFile(id, 'folder', true)
    expect((await volumes.files(id, '')).items).toEqual([])
  })

  it('come as an archive that tar unpacks, links as links', async () => {
    const { id, mountpoint } = await volumes.create({ name: 'packed' })
    await mkdir(join(mountpoint, 'folder'))
    await writeFile(join(mountpoint, 'folder', 'ü'.repeat(80)), 'long name')
    await writeFile(join(mountpoint, 'folder', 'file'), 'text')
    await link(join(mountpoint, 'folder', 'file'), join(mountpoint, 'folder', 'same'))
    await symlink('/etc/passwd', join(mountpoint, 'folder', 'link'))
    await runOk(['mkfifo', join(mountpoint, 'folder', 'fifo')])
    const archive = await volumes.read({ id, path: 'folder', as: 'tar' })
    const listed = await runOk(['tar', '-tvf', '-'], { stdin: archive })
    const lines = listed.stdout.toString().trim().split('\n')
    expect(lines).toHaveLength(5)
    expect(lines[0]).toMatch(/^drwx.* folder\/$/)
    expect(listed.stdout.toString()).toMatch(/link -> \/etc\/passwd/)
    expect(listed.stdout.toString()).toMatch(/ link to folder\//)
    const { stdout } = await runOk(['tar', '-xOf', '-', `folder/${'ü'.repeat(80)}`], { stdin: archive })
    expect(stdout.toString()).toBe('long name')
    const whole = await runOk(['tar', '-tf', '-'], { stdin: await volumes.read({ id, path: '', as: 'tar' }) })
    expect(whole.stdout.toString()).toMatch(/^packed\/\npacked\/folder\//)
  })

  it('are edited byte for byte, also an .env, and not over what somebody changed meanwhile', async () => {
    const { id, mountpoint } = await volumes.create({ name: 'env' })
    const env = 'DB_PASSWORD=hunter2\r\nAPI_TOKEN="a b"\nURL=postgres://app:geheim@db/x'
    await writeFile(join(mountpoint, '.env'), env)
    const read = await volumes.readText(id, '.env')
    expect(read.text).toBe(env)
    const [first, second] = await Promise.allSettled([
      volumes.writeText({ id, path: '.env', text: `${env}\n`, expected: read.version }),
      volumes.writeText({ id, path: '.env', text: 'other', expected: read.version }),
    ])
    expect([first.status, second.status]).toEqual(['fulfilled', 'rejected'])
    expect(await readFile(join(mountpoint, '.env'), 'utf8')).toBe(`${env}\n`)
    expect(await readdir(mountpoint)).toEqual(['.env'])
  })

  it('that are a device of the host’s disk or a pipe are neither read nor written, and keep nobody waiting', async () => {
    const { id, mountpoint } = await volumes.create({ name: 'nodes' })
    await createShell(on, 'mknod /v/disk b 254 0; mknod /v/null c 1 3; mkfifo /v/pipe', mounting('nodes'))
    const [container] = await on.client.containers.list({})
    await on.client.containers.start({ id: container?.id ?? '' })
    await on.client.containers.wait({ id: container?.id ?? '' })
    expect(await readdir(mountpoint)).toEqual(['disk', 'null', 'pipe'])
    for (const path of ['disk', 'null', 'pipe']) {
      const refused = { code: 'INVALID_ARGUMENT' }
      await expect(volumes.read({ id, path })).rejects.toMatchObject(refused)
      await expect(volumes.readText(id, path)).rejects.toMatchObject(refused)
      await expect(volumes.write({ id, path, overwrite: true }, body('x'))).rejects.toMatchObject(refused)
      await expect(volumes.writeText({ id, path, text: 'x', expected: null })).rejects.toMatchObject(refused)
    }
    const { stdout } = await run(['tar', '-tf', '-'], { stdin: await volumes.read({ id, path: '', as: 'tar' }) })
    expect(stdout.toString()).toBe('nodes/\n')
    for (const path of ['disk', 'null', 'pipe']) await volumes.removeFile(id, path)
  })
})
