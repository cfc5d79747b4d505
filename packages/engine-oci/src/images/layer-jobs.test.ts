import { mkdtemp, readdir, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { runOk } from '@flotilla/host'
import { digestOf } from '@flotilla/oci'
import { afterEach, beforeEach, expect, it, vi } from 'vitest'
import { LayerJobs } from './layer-jobs.ts'
import { type LayerSource, LayerStore } from './layer-store.ts'
import { openPaths } from './store-paths.ts'

let dir = ''
beforeEach(async () => {
  dir = await mkdtemp(join(tmpdir(), 'flotilla-layers-'))
})
afterEach(() => rm(dir, { recursive: true }))

const watcher = (signal = new AbortController().signal) => ({ signal, onTurn() {}, onPacked() {}, onUnpacked() {} })

it('goes on with the layers of one pull after another was cancelled while it waited for its turn', async () => {
  const paths = await openPaths(dir)
  const layers = new LayerStore(paths, () => {})
  const tar = (await runOk(['tar', '-c', '-C', import.meta.dirname, 'unpack.ts'])).stdout
  const jobs = new LayerJobs(layers)
  const opened: string[] = []
  let release = () => {}
  const gate = new Promise<void>((resolve) => (release = resolve))
  const layer = (name: string): LayerSource => ({
    lane: 'registry.test',
    chainId: digestOf(name),
    diffId: digestOf(tar),
    packedBytes: tar.length,
    async *open() {
      opened.push(name)
      await gate
      yield tar
    },
  })
  const busy = ['1', '2', '3'].map((name) => jobs.ensure(layer(name), watcher()))
  await vi.waitFor(() => expect(opened).toHaveLength(3), 15_000)
  const waiting = ['4', '5', '6', '7'].map((name) => jobs.ensure(layer(name), watcher()))
  const abort = new AbortController()
  const cancelled = Promise.allSettled(
    ['8', '9', '10', '11'].map((name) => jobs.ensure(layer(name), watcher(abort.signal))),
  )
  abort.abort()
  expect(await cancelled).toMatchObject(Array.from({ length: 4 }, () => ({ reason: { code: 'CANCELLED' } })))
  release()
  await expect(Promise.all([...busy, ...waiting])).resolves.toHaveLength(7)
})

it('takes a layer from the registry that has brought it, while another that was asked first never does', async () => {
  const paths = await openPaths(dir)
  const layers = new LayerStore(paths, () => {})
  const tar = (await runOk(['tar', '-c', '-C', import.meta.dirname, 'unpack.ts'])).stdout
  const jobs = new LayerJobs(layers)
  let isEnded = false
  const layer = (lane: string, open: LayerSource['open']): LayerSource => ({
    ...{ lane, chainId: digestOf('layer'), diffId: digestOf(tar), packedBytes: tar.length, open },
  })
  const silent = layer('silent.test', async function* (signal) {
    yield tar.subarray(0, 100)
    await new Promise((resolve) => signal.addEventListener('abort', resolve))
    isEnded = true
  })
  const first = jobs.ensure(silent, watcher())
  const second = jobs.ensure(silent, watcher())
  const other = layer('quick.test', async function* () {
    await Promise.resolve()
    yield tar
  })
  expect(await Promise.all([jobs.ensure(other, watcher()), first, second])).toEqual(['made', 'made', 'made'])
  expect([isEnded, await jobs.ensure(silent, watcher())]).toEqual([true, 'there'])
  expect([(await readdir(paths.layers)).length, await readdir(join(dir, 'tmp'))]).toEqual([1, []])
})

it('makes a layer once that two registries bring at the same time', async () => {
  const paths = await openPaths(dir)
  const layers = new LayerStore(paths, () => {})
  const tar = (await runOk(['tar', '-c', '-C', import.meta.dirname, 'unpack.ts'])).stdout
  const add = (lane: string) => {
    const source = { lane, chainId: digestOf('layer'), diffId: digestOf(tar), packedBytes: tar.length }
    const open = async function* () {
      await Promise.resolve()
      yield tar
    }
    return layers.add({ ...source, open }, new AbortController().signal, () => {})
  }
  const [one, other] = await Promise.all([add('one.test'), add('other.test')])
  expect(other).toEqual(one)
  expect(await readdir(paths.layers)).toEqual([one.folder])
  expect(await readdir(join(dir, 'tmp'))).toEqual([])
})
