import { mkdtemp, readdir, rename, rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { run, runOk } from '@flotilla/host'
import { afterAll, beforeAll, expect, it, vi } from 'vitest'
import { makePlace, type Opened, openEngine, type Place, removeAll } from '../testing/engine-fixture.ts'
import { addVolumeImage, createShell, runToEnd, volumeClient } from '../testing/volume-fixture.ts'

const mebibyte = 1024 ** 2
let base = ''
let disk = ''
let device = ''
let place: Place
let on: Opened
let volumes: ReturnType<typeof volumeClient>

// btrfs over a loop file: the kernels that this runs on keep no limit of a folder on ext4.
beforeAll(async () => {
  base = await mkdtemp('/var/tmp/flotilla-btrfs-')
  disk = join(base, 'mounted')
  const file = join(base, 'disk')
  await runOk(['truncate', '--size=600M', file])
  await runOk(['mkfs.btrfs', '--quiet', file])
  device = (await runOk(['losetup', '--find', '--show', file])).stdout.toString().trim()
  await runOk(['mkdir', disk])
  await runOk(['mount', '-t', 'btrfs', device, disk])
  place = await makePlace(disk)
  await addVolumeImage(place)
  on = await openEngine(place)
  volumes = volumeClient(on)
})
afterAll(async () => {
  try {
    await removeAll(on)
    await on.close()
    await place.remove()
  } finally {
    // A process that is just ending may still hold it.
    await vi.waitFor(() => runOk(['umount', disk]), { timeout: 20_000, interval: 100 })
    await run(['losetup', '--detach', device])
    await rm(base, { recursive: true, force: true })
  }
})

/** Of a subvolume. */
const numberOf = async (path: string) =>
  (await runOk(['btrfs', 'inspect-internal', 'rootid', path])).stdout.toString().trim()
const folders = async () => (await readdir(join(place.dataDir, 'volumes'))).filter((name) => name.length === 64)
const mounts = (source: string) => ({ mounts: [{ type: 'volume' as const, source, target: '/v' }] })
const fill = 'dd if=/dev/zero of=/v/file bs=1M count=40 2>/dev/null; sync; wc -c </v/file'

it('turns no quotas on where nobody asks for a limit', async () => {
  const { id } = await volumes.create({ name: 'free' })
  await volumes.remove(id)
  expect((await run(['btrfs', 'qgroup', 'show', disk])).exitCode).not.toBe(0)
})

it('holds a container to the limit of its volume, and goes with subvolumes that are made in it', async () => {
  expect(on.engine.absences()['volumes.create.sizeLimit']).toBeUndefined()
  const { id, mountpoint, sizeLimitBytes } = await volumes.create({ name: 'small', sizeLimitBytes: 16 * mebibyte })
  expect(sizeLimitBytes).toBe(16 * mebibyte)
  await runOk(['btrfs', 'subvolume', 'create', join(mountpoint, 'inner')])
  const written = Number(await runToEnd(on, await createShell(on, fill, mounts('small'))))
  expect(written).toBeGreaterThan(8 * mebibyte)
  expect(written).toBeLessThan(17 * mebibyte)
  await removeAll(on)
  await volumes.remove(id)
  expect(await folders()).not.toContain(id)
})

/** What makes a subvolume in `/v`: each command of the kernel, also as its upper half is not empty, and btrfs-progs. */
const attempts = [
  "open my $v, '<', '/v'",
  "my $one = pack('q a4088', 0, 'one'); print ioctl($v, 0x5000940e, $one) ? 'made ' : 'refused '",
  "my $two = pack('q Q2 Q4 a4040', 0, 0, 0, 0, 0, 0, 0, 'two'); print ioctl($v, 0x50009418, $two) ? 'made ' : 'refused '",
  `my $six = pack('q a4088', 0, 'six'); print syscall(${process.arch === 'arm64' ? 29 : 16}, fileno $v, 0x15000940e, $six) == 0 ? 'made ' : 'refused '`,
  "my $own = pack('q a4088', fileno $v, 'own'); print ioctl($v, 0x50009401, $own) ? 'made ' : 'refused '",
]
const script = [
  `perl -e "${attempts.join('; ').replaceAll('$', '\\$')}"`,
  'btrfs subvolume create /v/seven >/dev/null 2>&1 && echo made || echo refused',
  'echo some >/v/some && cp --reflink=always /v/some /v/copy && cat /v/copy',
].join('; ')
const hostPrograms = ['/usr', '/lib', '/lib64', '/bin'].map((path) => ({
  ...{ type: 'bind' as const, source: path, target: path, readOnly: true },
}))
const attack = async (source: string, spec: object) => {
  const id = await createShell(on, script, { ...spec, mounts: [...hostPrograms, ...mounts(source).mounts] })
  return (await runToEnd(on, id)).split(/\s+/)
}

it.each([
  ['as it is', {}],
  ['with rights over the file system and no filter', { seccomp: 'unconfined', capAdd: ['SYS_ADMIN'] }],
])('lets no container, %s, make subvolumes in a limited volume, which nothing would limit', async (_how, spec) => {
  const { id } = await volumes.create({ name: 'jail', sizeLimitBytes: 16 * mebibyte })
  const free = await volumes.create({ name: 'free' })
  expect(await attack('jail', spec)).toEqual([...Array.from({ length: 5 }, () => 'refused'), 'some'])
  // Elsewhere the same are made, so that the attack is one; what is no subvolume can have no copy of itself.
  expect(await attack('free', spec)).toEqual(['made', 'made', 'made', 'refused', 'made', 'some'])
  await removeAll(on)
  for (const one of [id, free.id]) await volumes.remove(one)
})

it('tells an upload that does not fit, and leaves the old file', async () => {
  const { id } = await volumes.create({ name: 'tight', sizeLimitBytes: 8 * mebibyte })
  const body = async function* (count: number) {
    for (let at = 0; at < count; at += 1) yield await Promise.resolve(Buffer.alloc(mebibyte, 'a'))
  }
  await volumes.write({ id, path: 'file' }, body(1))
  await expect(volumes.write({ id, path: 'file', overwrite: true }, body(40))).rejects.toMatchObject({
    code: 'RESOURCE_EXHAUSTED',
  })
  expect((await volumes.files(id, '')).items).toMatchObject([{ name: 'file', sizeBytes: mebibyte }])
  await volumes.remove(id)
})

it('clones with the limit, and what does not fit leaves nothing', async () => {
  const { id, mountpoint } = await volumes.create({ name: 'source', sizeLimitBytes: 32 * mebibyte })
  await writeFile(join(mountpoint, 'file'), Buffer.alloc(12 * mebibyte, 'a'))
  const copy = await volumes.clone({ id, name: 'copy' })
  expect(copy.sizeLimitBytes).toBe(32 * mebibyte)
  const before = await folders()
  await expect(volumes.clone({ id, name: 'tiny', sizeLimitBytes: 4 * mebibyte })).rejects.toMatchObject({
    code: 'RESOURCE_EXHAUSTED',
  })
  expect(await folders()).toEqual(before)
  for (const one of [id, copy.id]) await volumes.remove(one)
})

it('holds a container to its storage limit: it meets a full disk, runs on, starts again and goes', async () => {
  expect(on.engine.absences()['containers.create.storageLimit']).toBeUndefined()
  const storageBytes = 24 * mebibyte
  const fillAll =
    'dd if=/dev/zero of=/file bs=1M count=64; dd if=/dev/zero of=/etc/hosts bs=1M count=64; sync; echo full'
  const size = 'wc -c </file; wc -c </etc/hosts; echo more >>/file && sync && echo fits; exit 0'
  const id = await createShell(on, `if [ ! -e /file ]; then ${fillAll}; fi 2>/dev/null; { ${size}; } 2>/dev/null`, {
    storageBytes,
  })
  const [full, layer, hosts, ...more] = (await runToEnd(on, id)).split(/\s+/)
  expect([full, more]).toEqual(['full', []])
  expect(Number(layer)).toBeGreaterThan(12 * mebibyte)
  expect(Number(layer)).toBeLessThanOrEqual(storageBytes)
  expect(Number(hosts)).toBeLessThanOrEqual(4 * mebibyte)
  await on.client.containers.start({ id })
  expect(await on.client.containers.wait({ id })).toEqual({ exitCode: 0 })
  const { container, limits } = await on.client.containers.inspect({ id })
  expect([container.storageLimitBytes, limits.storageBytes]).toEqual([storageBytes, storageBytes])
  const other = await createShell(on, 'dd if=/dev/zero of=/file bs=1M count=40 2>/dev/null && wc -c </file', {})
  expect(await runToEnd(on, other)).toBe(String(40 * mebibyte))
  await removeAll(on)
  const left = await Promise.all(['s', 'tmp'].map((name) => readdir(join(place.dataDir, 'images', name))))
  expect(left).toEqual([[], []])
})

it('takes away a full limited container that a killed agent was removing', async () => {
  const id = await createShell(on, 'dd if=/dev/zero of=/file bs=1M count=64 2>/dev/null; sync; echo full', {
    storageBytes: 16 * mebibyte,
  })
  await runToEnd(on, id)
  await on.close()
  const images = join(place.dataDir, 'images')
  const own = await numberOf(join(images, 's', id))
  await rename(join(images, 's', id), join(images, 'tmp', 'going'))
  on = await openEngine(place)
  volumes = volumeClient(on)
  expect(await readdir(join(images, 'tmp'))).toEqual([])
  expect(await readdir(join(images, 'quota-groups'))).toContain(own)
  await removeAll(on)
})

/** The numbers of the subvolumes that have a quota group. */
const groups = async () =>
  (await runOk(['btrfs', 'qgroup', 'show', disk])).stdout
    .toString()
    .split('\n')
    .flatMap((line) => /^0\/(\d+)/.exec(line)?.slice(1) ?? [])

it('notes the quota group of a limited volume that is gone, and the next start touches no other one', async () => {
  const { id, mountpoint } = await volumes.create({ name: 'going', sizeLimitBytes: 8 * mebibyte })
  const [own, notes] = [await numberOf(mountpoint), join(place.dataDir, 'volumes', 'quota-groups')]
  const foreign = join(disk, 'foreign')
  await runOk(['btrfs', 'subvolume', 'create', foreign])
  await volumes.remove(id)
  expect(await readdir(notes)).toContain(own)
  // Newer kernels take the group away as they clean up, older ones leave it; before that it is busy.
  await runOk(['btrfs', 'subvolume', 'sync', disk], { timeoutMs: 60_000 })
  // As on a disk to which the folder was copied: the number of what somebody uses there.
  const used = await numberOf(foreign)
  await writeFile(join(notes, used), '')
  await on.close()
  on = await openEngine(place)
  volumes = volumeClient(on)
  const left = await groups()
  expect(left).not.toContain(own)
  expect(left).toEqual(expect.arrayContaining(['5', used]))
  expect(await readdir(notes)).toEqual([])
})
