import { expect, it } from 'vitest'
import { readLogBatches } from './log-batches.ts'

const line = { time: '2026-11-25T10:00:00.000000001Z', stream: 'stdout', text: 'hello' }
const batch = { lines: [line], cursor: '0:12:1' }

it('reads what an agent writes', () => {
  const gap = { from: null, to: line.time, lines: 3 }
  const whole = [batch, { ...batch, gap }, { lines: [{ ...line, partial: true }], cursor: '' }]
  expect(readLogBatches(JSON.stringify(whole))).toEqual(whole)
})

it('takes nothing that is no log', () => {
  const broken: unknown[] = [
    null,
    {},
    [null],
    [{ lines: [line] }],
    [{ ...batch, lines: 'hello' }],
    [{ ...batch, lines: [{ ...line, text: { html: '<b>' } }] }],
    [{ ...batch, lines: [{ ...line, stream: 'both' }] }],
    [{ ...batch, lines: [{ ...line, partial: 'yes' }] }],
    [{ ...batch, gap: { from: 1, to: null, lines: null } }],
    [{ ...batch, gap: null }],
  ]
  for (const value of broken) expect(readLogBatches(JSON.stringify(value)), JSON.stringify(value)).toBeNull()
  expect(readLogBatches('[{"lines":')).toBeNull()
})
