import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { orAborted } from '@flotilla/async'
import { createLogger } from '@flotilla/log'
import { systemScope } from '@flotilla/protocol'
import { afterEach, beforeEach, expect, it, vi } from 'vitest'
import { z } from 'zod'
import { OperationJournal } from './journal.ts'
import { type Change, Operations } from './operations.ts'

let folder: string
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'operations-'))
  vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] })
})
afterEach(async () => {
  vi.useRealTimers()
  await rm(folder, { recursive: true })
})

/** Begins a change that ends when it is let go; the signal is that of its work. */
async function begin(more: Partial<Change>) {
  const operations = new Operations(await OperationJournal.open(folder, createLogger('test', 'silent')))
  let end = () => {}
  const go = new Promise<void>((resolve) => (end = resolve))
  let outcome: Promise<unknown> = Promise.resolve()
  const signal = await new Promise<AbortSignal>((starts) => {
    outcome = operations.run({
      ...{ method: 'volumeFiles.write', engine: 'oci', target: 'data', input: {}, asked: {}, shape: z.object({}) },
      call: { signal: new AbortController().signal, scope: systemScope, operationId: '', progress: () => {} },
      work: async (call) => {
        starts(call.signal)
        await orAborted(go, call.signal)
        return 'done'
      },
      ...more,
    })
    outcome.catch(() => {}) // whoever waits for it hears of it
  })
  return { signal, outcome, end }
}

it('ends a change that takes longer than two hours', async () => {
  const { outcome } = await begin({})
  vi.advanceTimersByTime(2 * 3_600_000)
  await expect(outcome).rejects.toMatchObject({ code: 'TIMEOUT', kind: 'operation.tooLong' })
})

it('lets one that reads a stream take as long as its caller sends', async () => {
  const { signal, outcome, end } = await begin({ readsStream: true })
  vi.advanceTimersByTime(24 * 3_600_000)
  expect(signal.aborted).toBe(false)
  end()
  expect(await outcome).toBe('done')
})
