import { chmod, mkdir, mkdtemp, rm, symlink, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { runOk } from '@flotilla/host'
import { busyboxRoot } from '@flotilla/images/busybox'
import { freshLayout, type ImageRun } from '@flotilla/images/layout'
import type { ContainerSpecInput } from '@flotilla/protocol'
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { createImageStore } from '../images/index.ts'
import { makePlace, type Opened, openEngine, type Place, removeAll } from '../testing/engine-fixture.ts'

let place: Place
let on: Opened

/** Device nodes of these numbers in a root. */
const devices = (all: Readonly<Record<string, readonly string[]>>) => async (root: string) => {
  for (const [path, numbers] of Object.entries(all)) await runOk(['mknod', '-m', '666', join(root, path), ...numbers])
}

/** What each image has beside busybox, and how it is run. */
const images: Readonly<Record<string, { files?: (root: string) => Promise<unknown>; run?: ImageRun }>> = {
  pipe: { files: (root) => runOk(['mkfifo', join(root, 'etc/passwd')]) },
  terminals: { files: (root) => symlink('/dev/ptmx', join(root, 'etc/group')) },
  device: { files: devices({ 'etc/passwd': ['c', '1', '3'] }) },
  standing: { files: devices({ work: ['c', '1', '3'] }), run: { WorkingDir: '/work' } },
  devices: {
    files: devices({
      null: ['c', '1', '3'],
      port: ['c', '1', '4'],
      disk: ['b', '7', '0'],
      'etc/hosts': ['c', '1', '4'],
    }),
    run: {
      Cmd: [
        '/bin/sh',
        '-c',
        'echo x > /null && echo open; head -c 1 /port; head -c 1 /disk; grep -q localhost /etc/hosts && echo hosts',
      ],
    },
  },
  folder: { files: (root) => mkdir(join(root, 'etc/hosts')) },
  plain: {},
  lost: { run: { WorkingDir: '/proc/nowhere' } },
  shrugging: {
    run: {
      StopSignal: 'SIGSHRUG',
      Cmd: ['/bin/sh', '-c', "trap 'exit 5' TERM; echo ready; while :; do sleep 0.1; done"],
    },
  },
  exposing: { run: { ExposedPorts: { '8000-8002/tcp': {}, '8001': {}, '53/udp': {}, '9/sctp': {} } } },
  exposed: { run: { ExposedPorts: { '1-65535/tcp': {} } } },
}

beforeAll(async () => {
  place = await makePlace()
  const store = await createImageStore({ dir: join(place.dataDir, 'images') })
  const call = { signal: AbortSignal.timeout(60_000), progress: () => {} }
  await store.recover(call.signal)
  for (const [name, { files, run }] of Object.entries(images)) {
    const root = await mkdtemp(join(place.folder, 'root-'))
    await chmod(root, 0o755)
    await busyboxRoot(root)
    await rm(join(root, 'etc/passwd'), { force: true })
    await rm(join(root, 'etc/group'), { force: true })
    await files?.(root)
    const layout = await freshLayout(join(place.folder, name))
    await layout.addLayer({ folder: root, createdBy: name })
    await layout.finish({ Cmd: ['/bin/sh', '-c', 'exec sleep 1000'], ...run })
    await store.importLayout(join(place.folder, name), `odd.local/${name}:1`, call)
  }
  await store.close()
  on = await openEngine(place)
})
afterEach(() => removeAll(on))
afterAll(async () => {
  await on.close()
  await place.remove()
})

async function create(name: string, more: Partial<ContainerSpecInput> = {}): Promise<string> {
  const spec = { image: `odd.local/${name}:1`, network: 'none' as const, ...more }
  return (await on.client.containers.create(spec)).container.id
}

describe('an image that no start could follow', () => {
  it.each([
    ['pipe', ['image'], /\/etc\/(?:passwd|group) of the image is a pipe/],
    ['terminals', ['image'], /\/etc\/group of the image is a pipe/],
    ['device', ['image'], /\/etc\/(?:passwd|group) of the image is a pipe, a device/],
    ['standing', ['workingDir'], /something else has that name/],
    ['folder', ['image'], /has a folder at \/etc\/hosts/],
    ['lost', ['workingDir'], /working directory cannot be entered/],
  ])('is refused before long, with what is wrong: %s', async (name, field, message) => {
    const id = await create(name)
    const begun = performance.now()
    const refusal = on.client.containers.start({ id })
    await expect(refusal).rejects.toMatchObject({ code: 'INVALID_ARGUMENT', field })
    await expect(refusal).rejects.toThrow(message)
    expect(performance.now() - begun).toBeLessThan(20_000) // the runtime would wait for a minute
    expect((await on.client.containers.inspect({ id })).container.state).toBe('created')
  })
})

describe('accounts that lie in a mount', () => {
  const web = 'web:x:4321:4322::/:/bin/sh\n'
  let etc = ''
  beforeEach(async () => {
    etc = await mkdtemp(join(place.folder, 'etc-'))
  })
  const bound = (source: string, target: string) => ({ type: 'bind' as const, source, target, readOnly: true })

  it.each([
    ['a pipe at the place itself', () => [bound(join(etc, 'pipe'), '/etc/passwd')]],
    ['a pipe in a folder', () => [bound(etc, '/etc')]],
    ['a link to a pipe of another mount', () => [bound(etc, '/linked'), bound(join(etc, 'link'), '/etc')]],
    ['a device', () => [bound('/dev/null', '/etc/group')]],
  ])('are refused before long where they are no file: %s', async (_, mounts) => {
    for (const name of ['pipe', 'passwd']) await runOk(['mkfifo', join(etc, name)])
    await mkdir(join(etc, 'link'))
    await symlink('/linked/pipe', join(etc, 'link/passwd'))
    const id = await create('plain', { mounts: mounts() })
    const begun = Date.now()
    await expect(on.client.containers.start({ id })).rejects.toMatchObject({
      kind: 'mount.noPlainFile',
      field: ['mounts', expect.any(Number)],
      message: /\/etc\/(passwd|group) is a pipe, a device, a folder/,
    })
    expect(Date.now() - begun).toBeLessThan(20_000)
  })

  it('name users, at a start and for a session; what becomes a pipe there holds no session', async () => {
    await writeFile(join(etc, 'passwd'), web)
    const command = ['/bin/sh', '-c', 'id -u; exec sleep 1000']
    const id = await create('plain', { mounts: [bound(etc, '/etc')], user: 'web', command })
    await on.client.containers.start({ id })
    for await (const { lines } of on.client.containers.logs({ id, follow: true })) {
      if (lines.some(({ text }) => text === '4321')) break
    }
    const session = { id, command: ['/bin/true'], tty: false, user: 'web' }
    await on.client.exec.create(session)
    await rm(join(etc, 'passwd'))
    await runOk(['mkfifo', join(etc, 'passwd')])
    await expect(on.client.exec.create(session)).rejects.toThrow(/\/etc\/passwd .* is a pipe/)
  })
})

it('device nodes of an image are there, and which of them are opened the control group of devices says', async () => {
  const id = await create('devices')
  await on.client.containers.start({ id })
  await on.client.containers.wait({ id })
  const words: string[] = []
  for await (const { lines } of on.client.containers.logs({ id })) words.push(...lines.map(({ text }) => text))
  const refused = ['head: /disk: Operation not permitted', 'head: /port: Operation not permitted']
  expect(words.sort()).toEqual([...refused, 'hosts', 'open'])
})

it('an image with a stop signal that no kernel knows is stopped by TERM', async () => {
  const id = await create('shrugging')
  await on.client.containers.start({ id })
  for await (const { lines } of on.client.containers.logs({ id, follow: true })) {
    if (lines.some(({ text }) => text === 'ready')) break
  }
  const { container } = await on.client.containers.stop({ id, timeoutSeconds: 20 })
  expect(container).toMatchObject({ state: 'exited', exitCode: 5 })
})

describe('ranges of exposed ports', () => {
  it('are published port by port', async () => {
    const id = await create('exposing', { network: 'bridge', publishAllPorts: true })
    const { container } = await on.client.containers.start({ id })
    const ports = container.ports.map(({ containerPort, protocol }) => `${containerPort}/${protocol}`)
    expect(ports.sort()).toEqual(['53/udp', '8000/tcp', '8001/tcp', '8002/tcp'])
    expect(container.ports.every(({ hostPort }) => hostPort > 0)).toBe(true)
  })

  it('are refused where they are too many for one container, and run without', async () => {
    const all = create('exposed', { network: 'bridge', publishAllPorts: true })
    await expect(all).rejects.toMatchObject({ kind: 'port.tooManyExposed', field: ['publishAllPorts'] })
    const { container } = await on.client.containers.start({ id: await create('exposed') })
    expect(container).toMatchObject({ state: 'running', ports: [] })
  })
})
