import { FlotillaError } from '@flotilla/protocol'
import { cutAt, places, property } from '@flotilla/testkit/properties'
import fc from 'fast-check'
import { describe, expect } from 'vitest'
import { dockerError } from './docker-error.ts'
import { readJsonLines } from './json-lines.ts'
import { LineDecoder } from './logs/line-decoder.ts'
import { type LogEntry, pieceBytes } from './logs/log-entry.ts'
import { FramedLogParser, TerminalLogParser } from './logs/log-parsers.ts'
import { advance, dockerTime, formatPlace, type LogPlace, parsePlace } from './logs/log-place.ts'
import { FrameParser } from './stream-frames.ts'

function frameOf(type: number, data: Buffer, lie = 0): Buffer {
  const header = Buffer.alloc(8)
  header[0] = type
  header.writeUInt32BE(Math.max(0, data.length + lie), 4)
  return Buffer.concat([header, data])
}

const bytes = fc.uint8Array({ maxLength: 40 }).map((each) => Buffer.from(each))
const frame = fc.record({ type: fc.constantFrom(0, 1, 2), data: bytes })

const pushed = <Out>(parser: { push(chunk: Buffer): Out[] }, pieces: readonly Buffer[]): Out[] =>
  pieces.flatMap((piece) => parser.push(piece))

describe("the frames of the daemon's streams", () => {
  property('come out as they went in, however they are cut', [fc.array(frame, { maxLength: 8 }), places], (all, at) => {
    const wire = Buffer.concat(all.map(({ type, data }) => frameOf(type, data)))
    const expected = all.map(({ type, data }) => ({
      stream: type === 2 ? 'stderr' : 'stdout',
      data: data.toString('hex'),
    }))
    const found = pushed(new FrameParser(), cutAt(wire, at))
    expect(found.map(({ stream, data }) => ({ stream, data: data.toString('hex') }))).toEqual(expected)
  })

  const hostile = fc
    .array(
      fc.record({
        type: fc.oneof(fc.constantFrom(0, 1, 2, 3), fc.nat(255)),
        data: bytes,
        lie: fc.constantFrom(0, 0, 0, -3, 5, 2 ** 24),
      }),
      { maxLength: 5 },
    )
    .map((all) => Buffer.concat(all.map(({ type, data, lie }) => frameOf(type, data, lie))))
  property('that are none end in an error with few words', [fc.oneof(hostile, bytes), places], (wire, at) => {
    try {
      pushed(new FrameParser(), cutAt(wire, at))
    } catch (error) {
      expect(['docker.badFrames', 'docker.notRead']).toContain((error as FlotillaError).kind)
      expect((error as FlotillaError).message.length).toBeLessThan(2000)
    }
  })
})

const time = fc
  .tuple(fc.date({ min: new Date('2001-01-01'), max: new Date('2099-01-01'), noInvalidDate: true }), fc.nat(999_999))
  .map(([date, nanos]) => date.toISOString().replace('Z', `${String(nanos).padStart(6, '0')}Z`))
const message = fc.record({
  time,
  stream: fc.constantFrom('stdout' as const, 'stderr' as const),
  text: fc.oneof(
    fc.string({ unit: 'binary', maxLength: 30 }),
    fc.constantFrom('\ufeff', '€', 'é'.repeat(9000), 'x'.repeat(40_000)),
  ),
})
type Message = { time: string; stream: 'stdout' | 'stderr'; text: string }

/** A message as Docker's drivers have it: with its newline, in pieces of a bounded size that each have a time. */
function piecesOf({
  text,
  time: at,
  stream,
}: Message): { time: string; stream: Message['stream']; data: Buffer; partial: boolean }[] {
  const line = Buffer.from(text.replaceAll('\n', ' '))
  const pieces: Buffer[] = []
  let rest = line
  for (; rest.length > pieceBytes; rest = rest.subarray(pieceBytes)) pieces.push(rest.subarray(0, pieceBytes))
  return [...pieces, rest].map((data, index) => ({ time: at, stream, data, partial: index < pieces.length }))
}

const shown = ({ data, ...entry }: LogEntry) => ({ ...entry, data: data.toString('hex') })
const sent = (piece: ReturnType<typeof piecesOf>[number]) =>
  Buffer.concat([Buffer.from(`${piece.time} `), piece.data, Buffer.from(piece.partial ? '' : '\n')])

describe('the log of the daemon', () => {
  property(
    'without a terminal gives each message once, however it is cut',
    [fc.array(message, { maxLength: 5 }), places],
    (all, at) => {
      const entries = all.flatMap(piecesOf)
      const wire = Buffer.concat(entries.map((each) => frameOf(each.stream === 'stderr' ? 2 : 1, sent(each))))
      expect(pushed(new FramedLogParser(), cutAt(wire, at)).map(shown)).toEqual(entries.map(shown))
    },
  )

  property(
    'with a terminal gives each message once, however it is cut',
    [fc.array(message, { maxLength: 5 }), places],
    (all, at) => {
      const entries = all.map((each) => ({ ...each, stream: 'stdout' as const })).flatMap(piecesOf)
      const parser = new TerminalLogParser()
      const found = [...pushed(parser, cutAt(Buffer.concat(entries.map(sent)), at)), ...parser.end()]
      expect(found.map(shown)).toEqual(entries.map(shown))
    },
  )

  property('puts the characters of a line together again', [fc.array(message, { maxLength: 4 })], (all) => {
    const decoder = new LineDecoder()
    const texts = all.map((each) =>
      piecesOf(each)
        .map((piece) => decoder.decode(piece).text)
        .join(''),
    )
    expect(texts).toEqual(all.map(({ text }) => Buffer.from(text.replaceAll('\n', ' ')).toString()))
  })

  property(
    'of a terminal is read however wild it is',
    [
      fc.array(
        fc.oneof(
          bytes,
          time.map((each) => Buffer.from(`${each} `)),
          fc.constant(Buffer.from('\n')),
        ),
      ),
      places,
    ],
    (parts, at) => {
      const wire = Buffer.concat(parts)
      const read = (pieces: readonly Buffer[]) => {
        const parser = new TerminalLogParser()
        return [...pushed(parser, pieces), ...parser.end()].map(shown)
      }
      expect(read(cutAt(wire, at))).toEqual(read([wire]))
    },
  )
})

describe('a place in the log of the daemon', () => {
  property('reads back', [fc.array(message, { minLength: 1, maxLength: 5 })], (all) => {
    let place: LogPlace | undefined
    for (const each of all.flatMap(piecesOf)) place = advance(place, each)
    if (place !== undefined) expect(parsePlace(formatPlace(place))).toEqual(place)
  })

  property(
    'is refused where it is none, and never gives a time that is none',
    [
      fc.oneof(
        fc.string(),
        time,
        fc.tuple(time, fc.nat()).map(([at, count]) => `${at}|${count}`),
        fc.tuple(fc.string(), fc.nat()).map(([at, count]) => `${at}|${count}`),
      ),
    ],
    (text) => {
      try {
        expect(dockerTime(parsePlace(text).time)).toMatch(/^-?\d+\.\d{9}$/)
      } catch (error) {
        expect((error as FlotillaError).kind).toBe('log.badCursor')
      }
    },
  )
})

describe('documents of the daemon, one a line', () => {
  async function read(pieces: readonly Buffer[]): Promise<unknown[]> {
    const found: unknown[] = []
    try {
      for await (const each of readJsonLines(fromPieces(pieces))) found.push(each)
    } catch (error) {
      expect(dockerError(error)).toBeInstanceOf(FlotillaError)
      return [...found, 'refused']
    }
    return found
  }
  async function* fromPieces(pieces: readonly Buffer[]) {
    yield* pieces
    await Promise.resolve()
  }
  property(
    'come out as they went in, however they are cut',
    [fc.array(fc.jsonValue(), { maxLength: 5 }), places],
    async (all, at) => {
      const wire = Buffer.from(all.map((each) => `${JSON.stringify(each)}\r\n`).join(''))
      expect(await read(cutAt(wire, at))).toEqual(all.map((each) => JSON.parse(JSON.stringify(each)) as unknown))
    },
  )
  property(
    'that are none end in an error, after those before',
    [
      fc.oneof(
        bytes,
        fc.string().map((text) => Buffer.from(text)),
      ),
      places,
    ],
    async (wire, at) => {
      expect(await read(cutAt(wire, at))).toEqual(await read([wire]))
    },
  )
})
