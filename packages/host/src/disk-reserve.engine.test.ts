import { mkdtemp, rm, stat, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, it } from 'vitest'
import { DiskReserve } from './disk-reserve.ts'
import { diskFull, floorOf, reserveOf, roomOn } from './disk-room.ts'
import { run, runOk } from './run.ts'

const mebibyte = 1024 ** 2
let disk = ''
let reserve: DiskReserve
const said: string[] = []

beforeEach(async () => {
  disk = await mkdtemp(join(tmpdir(), 'flotilla-reserve-'))
  await runOk(['mount', '-t', 'tmpfs', '-o', 'size=64m', 'flotilla-test', disk])
  said.length = 0
  const onChange = (held: boolean) => void said.push(held ? 'held' : 'released')
  const onTrouble = (error: unknown) => void said.push(String(error))
  reserve = new DiskReserve({ path: join(disk, 'reserve'), bytes: 4 * mebibyte, onChange, onTrouble })
})
afterEach(async () => {
  await reserve.close()
  await runOk(['umount', disk])
  await rm(disk, { recursive: true })
})

const isThere = () =>
  stat(join(disk, 'reserve')).then(
    () => true,
    () => false,
  )
const fill = () => run(['dd', 'if=/dev/zero', `of=${join(disk, 'fill')}`, 'bs=4096'])

it('holds real blocks, gives them back on a full disk and takes them again when there is room', async () => {
  await reserve.open()
  expect([await isThere(), reserve.isHeld]).toEqual([true, true])
  const before = await roomOn(disk)
  expect(before.totalBytes - before.freeBytes).toBeGreaterThanOrEqual(4 * mebibyte)
  await fill()
  await expect.poll(isThere, { timeout: 10_000 }).toBe(false)
  const full = await reserve.look()
  // What was released is free on the disk, and not for what is new.
  expect([full.isFull, full.freeBytes]).toEqual([true, 0])
  await writeFile(join(disk, 'needed'), Buffer.alloc(3 * mebibyte))
  await rm(join(disk, 'fill'))
  await expect.poll(isThere, { timeout: 10_000 }).toBe(true)
  expect((await reserve.look()).isFull).toBe(false)
  expect(said).toEqual(['held', 'released', 'held'])
})

it('takes over what an earlier process holds, and makes none where there is no room for it', async () => {
  await reserve.open()
  await reserve.close()
  const next = new DiskReserve({ path: join(disk, 'reserve'), bytes: 4 * mebibyte })
  await next.open()
  expect(next.isHeld).toBe(true)
  await next.close()
  await rm(join(disk, 'reserve'))
  await writeFile(join(disk, 'most'), Buffer.alloc(56 * mebibyte))
  await next.look()
  const late = new DiskReserve({ path: join(disk, 'reserve'), bytes: 4 * mebibyte })
  await late.open()
  await late.close()
  expect([late.isHeld, await isThere()]).toEqual([false, false])
})

it('is in proportion to the disk, as the floor is, and the sentence names both', () => {
  const gibibyte = 1024 ** 3
  const sizes = [gibibyte / 4, 2 * gibibyte, 10 * gibibyte, 1000 * gibibyte]
  expect(sizes.map((size) => Math.floor(reserveOf(size) / mebibyte))).toEqual([16, 32, 102, 256])
  expect(sizes.map((size) => Math.floor(floorOf(size) / mebibyte))).toEqual([5, 40, 204, 1024])
  const room = { totalBytes: 100 * gibibyte, freeBytes: gibibyte / 2, floorBytes: gibibyte, isFull: true }
  expect(diskFull('/var/lib/flotilla', room).message).toMatch(
    /on the disk of \/var\/lib\/flotilla: 512 MiB of 100.0 GiB are free, and the last 1.0 GiB are left to what runs. Stop what fills it/,
  )
})
