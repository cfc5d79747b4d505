import { mkdtemp, rename, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { FlotillaError } from '@flotilla/protocol'
import { LogBatch, type LogsInput } from '@flotilla/protocol'
import { property } from '@flotilla/testkit/properties'
import fc from 'fast-check'
import { afterAll, beforeAll, describe, expect } from 'vitest'
import type { z } from 'zod'
import { LogFolder } from './log-folder.ts'
import { nameFiles } from './log-names.ts'
import { LineCounter } from './log-line.ts'
import { readLog } from './log-reader.ts'
import { formatPlace, parsePlace } from './log-walker.ts'

let parent = ''
beforeAll(async () => void (parent = await mkdtemp(join(tmpdir(), 'flotilla-log-properties-'))))
afterAll(() => rm(parent, { recursive: true }))

const letter = fc.constantFrom('x', '"', '\\', '\t', 'é', '€', '😀', '\ufeff', '\u2028', '\0', ' stdout F ')
const words = fc
  .tuple(fc.array(letter, { maxLength: 4 }), fc.oneof(fc.nat(30), fc.nat(30), fc.nat(3000)))
  .map(([letters, length]) => letters.join('') + 'y'.repeat(length))

/** What one write to a log is: a line, a piece of one, or what a full disk left of several. */
const entry = fc.record({
  kind: fc.constantFrom('line', 'line', 'line', 'piece', 'torn'),
  stream: fc.constantFrom('stdout' as const, 'stdout' as const, 'stderr' as const),
  text: words,
  ms: fc.constantFrom(0, 1, 1000, 5000),
})
const files = fc.array(fc.array(entry, { maxLength: 60 }), { minLength: 1, maxLength: 3 })

interface Line {
  time: string
  stream: 'stdout' | 'stderr'
  text: string
  partial: boolean
}

type Files = readonly (readonly { kind: string; stream: Line['stream']; text: string; ms: number }[])[]

/** A log of these files, of which the last ends after this share of its bytes; and what is in it. */
async function made(all: Files, share: number): Promise<{ folder: LogFolder; lines: Line[] }> {
  const folder = new LogFolder(await mkdtemp(join(parent, 'log-')))
  const lines: Line[] = []
  let clock = Date.parse('2026-01-01T00:00:00Z')
  for (const [index, entries] of all.entries()) {
    const isLast = index === all.length - 1
    let bytes = Buffer.alloc(0)
    const ends: [number, Line][] = []
    for (const { kind, stream, text, ms } of entries) {
      clock += ms
      const time = new Date(clock).toISOString().replace('Z', '000000+00:00')
      const written =
        kind === 'torn'
          ? `${text.replaceAll(/ /g, '')}\n`
          : `${time} ${stream} ${kind === 'line' ? 'F' : 'P'} ${text}\n`
      bytes = Buffer.concat([bytes, Buffer.from(written)])
      if (kind !== 'torn') ends.push([bytes.length, { time, stream, text, partial: kind === 'piece' }])
    }
    const end = isLast ? Math.floor(share * bytes.length) : bytes.length
    lines.push(...ends.filter(([place]) => place <= end).map(([, line]) => line))
    await writeFile(isLast ? folder.currentPath : folder.pathOf(index + 1), bytes.subarray(0, end))
  }
  return { folder, lines }
}

type Input = Omit<z.output<typeof LogsInput>, 'id'>
const everything: Input = { follow: false, tail: null, stdout: true, stderr: true }

async function read(folder: LogFolder, input: Partial<Input> = {}): Promise<LogBatch[]> {
  const source = { folder, ended: () => true, onEnd: () => () => {} }
  const batches: LogBatch[] = []
  for await (const batch of readLog(source, { ...everything, ...input }, new AbortController().signal)) {
    batches.push(LogBatch.parse({ lines: batch.lines, cursor: batch.cursor, gap: batch.gap }))
  }
  return batches
}

const linesOf = (batches: readonly LogBatch[]): Line[] =>
  batches.flatMap(({ lines }) => lines.map(({ partial = false, ...line }) => ({ ...line, partial })))

/** The last lines: a piece belongs to the line that ends after it, and one whose end has not come is a line of its own. */
function lastOf(lines: readonly Line[], count: number): Line[] {
  let left = count
  for (let at = lines.length - 1; at >= 0; at -= 1) {
    if (lines[at]?.partial === true && at < lines.length - 1) continue
    if (left === 0) return lines.slice(at + 1)
    left -= 1
  }
  return count === 0 ? [] : [...lines]
}

const share = fc.oneof(fc.constant(1), fc.double({ min: 0, max: 1, noNaN: true }))
const streams = fc.constantFrom(
  { stdout: true, stderr: true },
  { stdout: true, stderr: false },
  { stdout: false, stderr: true },
)

describe('a log that ends anywhere', () => {
  property(
    'gives every line once and in order: all, the last ones, and those after any batch',
    [files, share, streams, fc.nat(70), fc.nat(10)],
    async (all, end, wanted, tail, which) => {
      const { folder, lines } = await made(all, end)
      const asked = lines.filter(({ stream }) => wanted[stream])
      const batches = await read(folder, wanted)
      expect(linesOf(batches)).toEqual(asked)
      expect(linesOf(await read(folder, { ...wanted, tail }))).toEqual(lastOf(asked, tail))
      const before = batches.slice(0, (which % (batches.length + 1)) + 1)
      const after = before.at(-1)?.cursor
      if (after !== undefined) {
        expect(linesOf(await read(folder, { ...wanted, after }))).toEqual(asked.slice(linesOf(before).length))
      }
      await rm(folder.path, { recursive: true })
    },
    { runs: 5 },
  )

  property(
    'gives the lines of a time, and no others',
    [files, share, fc.nat(200_000), fc.nat(200_000)],
    async (all, end, from, to) => {
      const { folder, lines } = await made(all, end)
      const start = Date.parse('2026-01-01T00:00:00Z')
      const [since, until] = [start + from, start + Math.max(from, to)]
      const isMeant = ({ time }: Line) => Date.parse(time) >= since && Date.parse(time) <= until
      const found = await read(folder, { since: new Date(since).toISOString(), until: new Date(until).toISOString() })
      expect(linesOf(found)).toEqual(lines.filter(isMeant))
      await rm(folder.path, { recursive: true })
    },
    { runs: 5 },
  )

  property(
    'says how many lines went with the files that were dropped',
    [files],
    async (all) => {
      const { folder, lines } = await made(all, 1)
      await folder.prune(1)
      const batches = await read(folder)
      const gap = batches.reduce((sum, each) => sum + (each.gap?.lines ?? 0), 0)
      const ended = (some: readonly Line[]) => some.filter(({ partial }) => !partial).length
      expect(gap + ended(linesOf(batches))).toBe(ended(lines))
      await rm(folder.path, { recursive: true })
    },
    { runs: 5 },
  )

  property(
    'goes on in the next file when it is rotated between two batches',
    [files, fc.nat(3)],
    async (all, at) => {
      const { folder, lines } = await made(all, 1)
      const source = { folder, ended: () => true, onEnd: () => () => {} }
      const found: LogBatch[] = []
      let batches = 0
      for await (const batch of readLog(source, everything, new AbortController().signal)) {
        found.push(LogBatch.parse({ lines: batch.lines, cursor: batch.cursor, gap: batch.gap }))
        if (batches === at) {
          nameFiles(folder)
          await rename(folder.sparePath, folder.currentPath)
        }
        batches += 1
      }
      expect(linesOf(found)).toEqual(lines)
      await rm(folder.path, { recursive: true })
    },
    { runs: 4 },
  )
})

describe('what was written by nobody that is known', () => {
  const almost = fc
    .tuple(
      fc.array(fc.constantFrom('2026-01-01T00:00:00.000000000+00:00', 'soon', '', '"\\', '2026-01'), { maxLength: 3 }),
      fc.constantFrom(' ', ' ', ' ', '  ', ''),
      fc.constantFrom('stdout', 'stderr', 'stdxxx', ''),
      fc.constantFrom(' F ', ' P ', ' F', ' Q ', ' '),
      fc.constantFrom('x', '', '\xff', 'x'.repeat(66_000)),
      fc.constantFrom('\n', '\n', '\n', ''),
    )
    .map(([time, ...rest]) => [time.join(''), ...rest].join(''))
  const anything = fc.oneof(
    fc.uint8Array({ maxLength: 400 }).map((bytes) => Buffer.from(bytes)),
    fc.array(almost, { maxLength: 12 }).map((parts) => Buffer.from(parts.join(''), 'latin1')),
  )
  property(
    'is read as lines that may be sent, and counted alike',
    [anything, fc.nat(5), fc.nat(400)],
    async (bytes, tail, offset) => {
      const folder = new LogFolder(await mkdtemp(join(parent, 'log-')))
      await writeFile(folder.currentPath, bytes)
      const lines = linesOf(await read(folder))
      await read(folder, { tail })
      await read(folder, { since: '2026-01-01T00:00:00Z' })
      await read(folder, { after: formatPlace({ generation: 1, offset, line: 0 }) })
      const counter = new LineCounter()
      counter.add(bytes)
      if (bytes.length < 60_000) expect(counter.lines).toBe(lines.filter(({ partial }) => !partial).length)
      await rm(folder.path, { recursive: true })
    },
  )

  property(
    'is no cursor, or one that reads back',
    [
      fc.oneof(
        fc.string(),
        fc.array(fc.constantFrom('1', '0', ':', '-1', '99999999'), { maxLength: 6 }).map((parts) => parts.join('')),
      ),
    ],
    (text) => {
      try {
        const place = parsePlace(text)
        expect(parsePlace(formatPlace(place))).toEqual(place)
      } catch (error) {
        expect((error as FlotillaError).kind).toBe('log.badCursor')
      }
    },
  )
})
