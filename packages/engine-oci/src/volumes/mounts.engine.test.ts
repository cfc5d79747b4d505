import { mkdir, readdir, readFile, rename, rm, symlink, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { runOk } from '@flotilla/host'
import type { ContainerSpecInput } from '@flotilla/protocol'
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest'
import { makePlace, type Opened, openEngine, type Place, removeAll } from '../testing/engine-fixture.ts'
import { addVolumeImage, createShell, runToEnd, volumeClient } from '../testing/volume-fixture.ts'

let place: Place
let on: Opened
let volumes: ReturnType<typeof volumeClient>
let atPoint: (point: string) => void

beforeAll(async () => {
  atPoint = () => {}
  place = await makePlace()
  await addVolumeImage(place)
  on = await openEngine(place, { failurePoint: (point) => atPoint(point) })
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

const shell = async (script: string, spec: Partial<ContainerSpecInput> = {}) =>
  runToEnd(on, await createShell(on, script, spec))
const named = (source: string, target: string, more: object = {}) => ({
  mounts: [{ type: 'volume' as const, source, target, ...more }],
})

describe('volumes of an image', () => {
  it('that got a name stay, and so do named ones', async () => {
    const id = await createShell(on, 'true', named('mine', '/mine'))
    const [anonymous] = (await volumes.list()).filter((volume) => volume.anonymous)
    await volumes.rename(anonymous?.id ?? '', 'kept')
    await on.client.containers.remove({ id, volumes: true })
    expect((await volumes.list()).map(({ name }) => name).sort()).toEqual(['kept', 'mine'])
  })
})

it('a folder of the host is read-only all through, what is mounted inside of it too', async () => {
  const source = join(place.folder, 'outer')
  await mkdir(join(source, 'inner'), { recursive: true })
  await runOk(['mount', '-t', 'tmpfs', 'inner', join(source, 'inner')])
  try {
    const script = 'exec 2>&1; for at in /b /b/inner; do echo x >$at/file && echo written || echo locked; done'
    const bound = (readOnly: boolean) => ({ mounts: [{ type: 'bind' as const, source, target: '/b', readOnly }] })
    const ends = async (readOnly: boolean) => (await shell(script, bound(readOnly))).match(/^(written|locked)$/gm)
    expect(await ends(true)).toEqual(['locked', 'locked'])
    expect(await ends(false)).toEqual(['written', 'written'])
  } finally {
    await runOk(['umount', join(source, 'inner')])
  }
})

it('memory over a folder of the image is for everybody, or has the mode that is asked for, and is new at each start', async () => {
  const script =
    'stat -c "%a %n" /etc /new /opt; df -k /opt | tail -n 1; touch /etc/x; mount | grep -c " on /opt .*noexec"'
  const at = (target: string, more = {}) => ({ type: 'tmpfs' as const, target, ...more })
  const mounts = [at('/etc'), at('/new'), at('/opt', { mode: '0750', sizeBytes: 1024 * 1024 })]
  const printed = await shell(script, { mounts })
  expect(printed).toMatch(/^1777 \/etc\n1777 \/new\n750 \/opt\ntmpfs +1024 [^\n]*\n1$/m)
  expect(await readdir(join(place.runDir, 'parts'))).toEqual([])
})

describe('named volumes', () => {
  it('cannot be written where they are read-only, nor made writable from inside', async () => {
    const script = 'exec 2>&1; echo x >/v/x || mount -o remount,rw /v || echo no'
    expect(await shell(script, named('locked', '/v', { readOnly: true }))).toMatch(/no$/)
  })

  it('go on under another name, and go with the container to its next run', async () => {
    const id = await createShell(on, 'cat /v/count; echo x >>/v/count; sleep 1000', named('before', '/v'))
    await on.client.containers.start({ id })
    const { id: volume } = (await volumes.inspect('before')).volume
    await volumes.rename('before', 'after')
    await expect(volumes.inspect('before')).rejects.toMatchObject({ code: 'NOT_FOUND' })
    const { id: session } = await on.client.exec.create({ id, command: ['/bin/sh', '-c', 'echo y >>/v/count'] })
    await expect
      .poll(async () => (await on.client.exec.list({ id })).find((one) => one.id === session)?.state)
      .not.toBe('running')
    await on.client.containers.restart({ id, timeoutSeconds: 0 })
    await expect
      .poll(async () => readFile(join((await volumes.inspect('after')).volume.mountpoint, 'count'), 'utf8'))
      .toBe('x\ny\nx\n')
    expect((await on.client.containers.inspect({ id })).mounts).toContainEqual({
      ...{ type: 'volume', source: 'after', target: '/v', readOnly: false },
    })
    expect((await volumes.inspect('after')).volume.id).toBe(volume)
  })

  it('cannot be removed while a container mounts them, which is named', async () => {
    await createShell(on, 'true', { ...named('busy', '/v'), name: 'the-user' })
    await expect(volumes.remove('busy')).rejects.toMatchObject({ code: 'CONFLICT', message: /the-user/ })
    await on.client.containers.remove({ id: 'the-user' })
    await volumes.remove('busy')
    await expect(volumes.inspect('busy')).rejects.toMatchObject({ code: 'NOT_FOUND' })
  })

  it('are named as they were asked for where one is removed while a container is made', async () => {
    for (const name of ['kept', 'lost']) await volumes.create({ name })
    let removing: Promise<unknown> | undefined
    atPoint = (point) => {
      if (point === 'volumes.create.state') removing ??= volumes.remove('lost')
    }
    const mounts = ['kept', 'lost', 'new'].map((source) => ({ type: 'volume' as const, source, target: `/${source}` }))
    const creating = createShell(on, 'true', { mounts })
    await expect(creating).rejects.toMatchObject({
      ...{ code: 'NOT_FOUND', message: 'There is no volume "lost" here.', field: ['mounts', 1, 'source'] },
    })
    atPoint = () => {}
    await removing
  })

  it('cannot be mounted where the kernel’s own view is, nor two at one place', async () => {
    for (const target of ['/', '/proc', '/sys', '/x/../proc']) {
      await expect(createShell(on, 'true', named('v', target))).rejects.toMatchObject({ code: 'INVALID_ARGUMENT' })
    }
    const mounts = [...named('a', '/v').mounts, ...named('b', '/v/').mounts]
    await expect(createShell(on, 'true', { mounts })).rejects.toThrow(/same place/)
    expect(await volumes.list()).toEqual([])
    expect(await on.client.containers.list({})).toEqual([])
  })
})

describe('a part of a volume', () => {
  const part = (subPath: string) => named('whole', '/part', { subPath })

  it('never leads out of the volume, nor to a device or pipe of the host', async () => {
    const { mountpoint } = await volumes.create({ name: 'whole' })
    await symlink('/', join(mountpoint, 'root'))
    await symlink('../../../..', join(mountpoint, 'up'))
    await writeFile(join(mountpoint, 'mark'), '')
    for (const subPath of ['root', 'up']) expect(await shell('ls /part | sort', part(subPath))).toBe('mark\nroot\nup')
    await shell('mknod /v/null c 1 3; mkfifo /v/pipe', named('whole', '/v'))
    for (const subPath of ['null', 'pipe']) {
      const id = await createShell(on, 'true', part(subPath))
      await expect(on.client.containers.start({ id })).rejects.toThrow(/neither a folder nor a file/)
    }
    await expect(createShell(on, 'true', part('a/../b'))).rejects.toMatchObject({ code: 'INVALID_ARGUMENT' })
  })

  it('is what was looked at, though a process swaps it while a container starts', async () => {
    const { mountpoint } = await volumes.create({ name: 'whole' })
    const inner = join(mountpoint, 'inner')
    await mkdir(inner)
    await writeFile(join(inner, 'mark'), '')
    await symlink('/', join(mountpoint, 'link'))
    let swapping = true
    const swaps = (async () => {
      while (swapping) {
        await rename(inner, join(mountpoint, 'aside'))
        await rename(join(mountpoint, 'link'), inner)
        await rename(inner, join(mountpoint, 'link'))
        await rename(join(mountpoint, 'aside'), inner)
      }
    })()
    try {
      for (let turn = 0; turn < 8; turn += 1) {
        const out = await shell('ls /part', part('inner')).catch((error: unknown) => String(error))
        expect(out).toMatch(/^mark$|^(aside|inner|link)|has no inner|neither a folder nor a file/)
        expect(out).not.toMatch(/^(bin|etc|proc)$/m)
      }
    } finally {
      swapping = false
      await swaps
      await rm(inner, { recursive: true, force: true })
    }
  })
})
