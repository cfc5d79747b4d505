import { mkdtemp, rm } from 'node:fs/promises'
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

const watcher = (signal = new AbortController().signal) => ({ signal, onPacked() {}, onUnpacked() {} })

it('goes on with the layers of one pull after another was cancelled while it waited for its turn', async () => {
  const paths = await openPaths(dir)
  const layers = new LayerStore(paths, () => {})
  const tar = (await runOk(['tar', '-c', '-C', import.meta.dirname, 'unpack.ts'])).stdout
  const jobs = new LayerJobs(layers)
  const opened: string[] = []
  let release = () => {}
  const gate = new Promise<void>((resolve) => (release = resolve))
  const layer = (name: string): LayerSource => ({
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
