import type { NewAuditEntry } from '@flotilla/db'
import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import { Refusals } from './refusals.ts'

beforeEach(() => void vi.useFakeTimers())
afterEach(() => void vi.useRealTimers())

const scope = { organisationId: 'org' }
const entry: NewAuditEntry = {
  ...{ actorId: 'vera', actorName: 'Vera', action: 'containers.stop', target: 'web', hostId: 'h', outcome: 'refused' },
  ...{ code: 'PERMISSION_DENIED', remoteAddress: '192.0.2.1', operationId: 'o' },
}

function open() {
  const rows: NewAuditEntry[] = []
  const refusals = new Refusals(
    (_scope, row) => Promise.resolve(void rows.push(row)),
    (error) => expect(error).toBeUndefined(),
  )
  const add = async (times: number, change: Partial<NewAuditEntry> = {}) => {
    for (let at = 0; at < times; at += 1) await refusals.add(scope, { ...entry, ...change })
  }
  return { rows, refusals, add }
}

test('the first twenty of a minute are whole, and one row at its end has the number of the others', async () => {
  const { rows, add } = open()
  await add(4000)
  expect(rows).toEqual(Array.from({ length: 20 }, () => entry))
  await vi.advanceTimersByTimeAsync(60_000)
  expect(rows).toHaveLength(21)
  expect(rows.at(-1)).toEqual({ ...entry, target: '3980 more', hostId: null, operationId: null })
  await add(1)
  expect(rows.at(-1)).toEqual(entry)
  await vi.advanceTimersByTimeAsync(120_000)
  expect(rows).toHaveLength(22)
})

test('each kind and each person is counted apart, and of somebody unknown each address', async () => {
  const { rows, add } = open()
  await add(25)
  const others = [{ action: 'containers.start' }, { actorId: 'otto' }, { code: 'NOT_FOUND' }, { actorId: null }]
  for (const other of others) await add(20, other)
  await add(20, { actorId: null, remoteAddress: '192.0.2.2' })
  expect(rows).toHaveLength(120)
})

test('the end of the process writes the numbers that are due', async () => {
  const { rows, refusals, add } = open()
  await add(21)
  await refusals.close()
  expect(rows.at(-1)).toMatchObject({ target: '1 more' })
  await vi.advanceTimersByTimeAsync(60_000)
  expect(rows).toHaveLength(21)
})
