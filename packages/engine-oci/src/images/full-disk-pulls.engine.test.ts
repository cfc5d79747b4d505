import { randomBytes } from 'node:crypto'
import { mkdir, mkdtemp, readdir, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { runOk } from '@flotilla/host'
import { freshLayout } from '@flotilla/images/layout'
import type { Progress } from '@flotilla/protocol'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { createImageStore } from './create-image-store.ts'

const mebibyte = 1024 ** 2
let folder = ''
let disk = ''

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'flotilla-small-disk-'))
  disk = join(folder, 'disk')
  await mkdir(disk)
  await runOk(['mount', '-t', 'tmpfs', '-o', 'size=44m', 'tmpfs', disk])
  for (const name of ['one', 'two']) {
    const root = join(folder, `${name}-root`)
    await mkdir(root)
    for (const at of [0, 1, 2, 3]) await writeFile(join(root, `file${at}`), randomBytes(6 * mebibyte))
    const layout = await freshLayout(join(folder, name))
    await layout.addLayer({ folder: root, compression: 'none', createdBy: name })
    await layout.finish({})
  }
})

afterAll(async () => {
  await runOk(['umount', disk])
  await rm(folder, { recursive: true })
})

it('of two images that do not fit onto the disk together one comes, and nothing of the other stays', async () => {
  const store = await createImageStore({ dir: join(disk, 'store') })
  const signal = AbortSignal.timeout(50_000)
  await store.recover(signal)
  const reports: Record<string, Progress[]> = { one: [], two: [] }
  const results = await Promise.allSettled(
    Object.entries(reports).map(([name, own]) =>
      store.importLayout(join(folder, name), name, { signal, progress: (report) => void own.push(report) }),
    ),
  )
  // Whoever was held waits again, and only then is it taken or refused.
  for (const own of Object.values(reports)) {
    const states = own.map(({ step, state }) => `${step} ${state}`)
    const failed = states.indexOf('unpack failed')
    if (failed >= 0 && states.includes('download running', failed)) expect(states[failed + 1]).toBe('download waiting')
  }
  const held = Object.values(reports)
    .flat()
    .filter(({ step, state }) => step === 'unpack' && state === 'waiting')
  expect(held.length).toBeGreaterThan(0)
  expect(results.map(({ status }) => status).sort()).toEqual(['fulfilled', 'rejected'])
  expect(results.find(({ status }) => status === 'rejected')).toMatchObject({ reason: { kind: 'image.diskFull' } })
  const [image, ...others] = await store.list()
  expect([image?.sizeBytes, others]).toEqual([24 * mebibyte, []])
  expect(await readdir(join(disk, 'store', 'l'))).toHaveLength(1)
  expect(await readdir(join(disk, 'store', 'tmp'))).toEqual([])
  await store.close()
})
