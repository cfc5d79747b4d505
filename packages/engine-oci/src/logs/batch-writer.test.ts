import type { LogBatch } from '@flotilla/protocol'
import { jsonText } from '@flotilla/protocol'
import { expect, it } from 'vitest'
import { BatchWriter } from './batch-writer.ts'
import { LogEntry, parseEntry } from './log-line.ts'

const time = '2026-11-25T10:00:00.000000001Z'

function entriesOf(log: Buffer): LogEntry[] {
  const entries: LogEntry[] = []
  for (let at = 0; at < log.length; ) {
    const entry = parseEntry(log, at)
    if (!(entry instanceof LogEntry)) throw new Error(`no entry at ${at}`)
    entries.push(entry)
    at = entry.end
  }
  return entries
}

function written(log: Buffer): { text: string; batch: LogBatch } {
  const writer = new BatchWriter(0) // grows as it has to
  for (const entry of entriesOf(log)) writer.entry(entry)
  const batch = writer.end('3:7:1', { from: null, to: time, lines: 2 })
  return { text: Buffer.from((batch as LogBatch & { [jsonText]: Uint8Array })[jsonText]).toString(), batch }
}

it('writes what JSON would, whatever bytes a line has', () => {
  let seed = 7
  const random = (below: number) => (seed = (seed * 48271) % 2147483647) % below
  const bytes = () =>
    Buffer.from(
      Array.from({ length: random(60) }, () => (random(4) === 0 ? random(256) : 32 + random(95))).filter(
        (byte) => byte !== 10,
      ),
    )
  const texts = [...Array.from({ length: 2000 }, bytes), Buffer.from('"\\\u007f\u0000ü漢🧀'), Buffer.from('</script>')]
  const log = Buffer.concat(
    texts.map((text, at) =>
      Buffer.concat([Buffer.from(`${time} ${at % 2 === 0 ? 'stdout' : 'stderr'} F `), text, Buffer.from('\n')]),
    ),
  )
  const { text, batch } = written(log)
  const expected = {
    lines: texts.map((data, at) => ({ time, stream: at % 2 === 0 ? 'stdout' : 'stderr', text: data.toString('utf8') })),
    cursor: '3:7:1',
    gap: { from: null, to: time, lines: 2 },
  }
  expect(JSON.parse(text)).toEqual(expected)
  expect(batch.lines).toEqual(expected.lines)
  expect(batch.cursor).toBe('3:7:1')
  expect(batch.gap).toEqual(expected.gap)
})

it('has no lines where there are none', () => {
  expect(JSON.parse(written(Buffer.alloc(0)).text)).toMatchObject({ lines: [], cursor: '3:7:1' })
})
