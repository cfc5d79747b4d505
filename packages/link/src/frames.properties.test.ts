import type { IncomingHttpHeaders } from 'node:http2'
import { PassThrough, Readable } from 'node:stream'
import { ErrorCode, FlotillaError, findErrorKind } from '@flotilla/protocol'
import { cutAt, places, property } from '@flotilla/testkit/properties'
import fc from 'fast-check'
import { describe, expect } from 'vitest'
import { FrameReader } from './frame-reader.ts'
import { FrameWriter } from './frame-writer.ts'
import { frameHeader } from './frames.ts'
import { defaultLimits } from './limits.ts'
import { fromTrailers, toTrailers } from './trailers.ts'

const limits = { ...defaultLimits, jsonBytes: 1500, jsonDepth: 16, jsonBudget: 2000 }
type Said = { json: unknown } | { bytes: Buffer }

const bytes = fc.uint8Array({ minLength: 1, maxLength: 60 }).map((each) => Buffer.from(each))
const said: fc.Arbitrary<Said> = fc.oneof(
  fc.jsonValue({ maxDepth: 4 }).map((json) => ({ json })),
  bytes.map((each) => ({ bytes: each })),
)

/** A stream that hands over piece after piece, each on its own. */
function streamOf(pieces: readonly Buffer[]): Readable {
  const left = [...pieces]
  return new Readable({
    highWaterMark: 1,
    read() {
      process.nextTick(() => this.push(left.shift() ?? null))
    },
  })
}

/** What a reader gives, pieces of one frame of bytes joined by what lies between others. */
async function readAll(reader: FrameReader): Promise<Said[]> {
  const found: Said[] = []
  for (let piece = await reader.next(); piece !== undefined; piece = await reader.next()) {
    const last = found.at(-1)
    if ('bytes' in piece && last !== undefined && 'bytes' in last) last.bytes = Buffer.concat([last.bytes, piece.bytes])
    else found.push(piece)
  }
  return found
}

/** As the wire has it: JSON knows no minus zero, and bytes that follow each other are one run. */
function joined(all: readonly Said[]): Said[] {
  const found: Said[] = []
  for (const each of all) {
    const last = found.at(-1)
    if ('json' in each) found.push({ json: JSON.parse(JSON.stringify(each.json)) as unknown })
    else if (last !== undefined && 'bytes' in last) last.bytes = Buffer.concat([last.bytes, each.bytes])
    else found.push({ bytes: each.bytes })
  }
  return found
}

async function written(all: readonly Said[]): Promise<Buffer> {
  const stream = new PassThrough()
  const writer = new FrameWriter(stream, 1_000_000)
  for (const each of all) void ('json' in each ? writer.json(each.json) : writer.bytes(each.bytes))
  writer.flush()
  stream.end()
  return Buffer.concat((await stream.toArray()) as Buffer[])
}

/** Frames that are almost right: of any kind, with lengths that lie. */
const hostile = fc
  .array(
    fc.record({
      kind: fc.oneof({ weight: 9, arbitrary: fc.constantFrom(0, 1) }, { weight: 1, arbitrary: fc.nat(255) }),
      payload: fc.oneof(
        bytes,
        fc.json({ maxDepth: 3 }).map((text) => Buffer.from(text)),
        fc.nat(40).map((depth) => Buffer.from(`${'['.repeat(depth)}${']'.repeat(depth)}`)),
        fc.constantFrom(1400, 1499, 1500, 1501).map((length) => Buffer.from(`"${'x'.repeat(length - 2)}"`)),
      ),
      lie: fc.oneof(
        { weight: 8, arbitrary: fc.constant(0) },
        { weight: 1, arbitrary: fc.integer({ min: -9, max: 9 }) },
      ),
    }),
    { maxLength: 6 },
  )
  .map((frames) =>
    Buffer.concat(
      frames.flatMap(({ kind, payload, lie }) => [frameHeader(kind, Math.max(0, payload.length + lie)), payload]),
    ),
  )

const codes = ['INVALID_ARGUMENT', 'RESOURCE_EXHAUSTED', 'UNAVAILABLE']

describe('frames', () => {
  property(
    'come out as they went in, however they are cut',
    [fc.array(said, { maxLength: 8 }), places],
    async (all, at) => {
      const reader = new FrameReader(streamOf(cutAt(await written(all), at)), defaultLimits, { held: 0 })
      expect(await readAll(reader)).toEqual(joined(all))
    },
  )

  property(
    'that are none end in an error of the link, with no more held than is allowed and nothing left',
    [
      fc.oneof(
        hostile,
        fc.uint8Array({ maxLength: 80 }).map((each) => Buffer.from(each)),
      ),
      places,
      fc.boolean(),
    ],
    async (wire, at, unparsed) => {
      let most = 0
      let held = 0
      const budget = Object.defineProperty({ held: 0 }, 'held', {
        get: () => held,
        set: (now: number) => {
          held = now
          most = Math.max(most, now)
        },
      })
      const pieces = cutAt(wire, at)
      const stream = streamOf(pieces)
      const reader = new FrameReader(stream, limits, budget, unparsed)
      try {
        await readAll(reader)
      } catch (error) {
        expect(error).toBeInstanceOf(FlotillaError)
        expect(codes).toContain((error as FlotillaError).code)
      }
      reader.drain()
      expect(held).toBe(0)
      expect(most).toBeLessThanOrEqual(limits.jsonBudget + Math.max(0, ...pieces.map(({ length }) => length)))
      stream.destroy()
    },
  )

  property('are refused one after the other alike, however they are cut', [hostile, places], async (wire, at) => {
    const outcome = async (pieces: readonly Buffer[]) => {
      const found: unknown[] = []
      try {
        found.push(...(await readAll(new FrameReader(streamOf(pieces), limits, { held: 0 }))))
      } catch (error) {
        found.push((error as FlotillaError).kind)
      }
      return found.at(-1)
    }
    expect(await outcome(cutAt(wire, at))).toEqual(await outcome([wire].filter(({ length }) => length > 0)))
  })
})

const anyText = fc.string({ unit: 'binary', maxLength: 1500 })
const facts = fc.record(
  {
    kind: fc.constantFrom('link.lost', 'container.nameTaken', 'x.y'),
    params: fc.dictionary(fc.constantFrom('a', 'field', 'most'), fc.oneof(anyText, fc.integer())),
    field: fc.array(fc.oneof(fc.string({ unit: 'binary', maxLength: 40 }), fc.nat(9)), { maxLength: 16 }),
    objects: fc.array(fc.record({ kind: fc.constant('container'), id: fc.string({ maxLength: 1000 }) }), {
      maxLength: 20,
    }),
  },
  { requiredKeys: [] },
)

describe('the end of a call', () => {
  property(
    'keeps its code and its sentence, in a header block that every peer takes',
    [fc.constantFrom(...ErrorCode.options), anyText, facts],
    (code, message, more) => {
      const trailers = toTrailers(new FlotillaError(code, message, more))
      for (const value of Object.values(trailers)) expect(String(value)).toMatch(/^[ -~]*$/)
      expect(JSON.stringify(trailers).length).toBeLessThan(15_500)
      const back = fromTrailers({ ...trailers } as IncomingHttpHeaders)
      expect(back?.code).toBe(code)
      expect(back?.message).toBe(Buffer.from(message.slice(0, 1000)).toString())
      const isShort = JSON.stringify(more).length < 600
      if (isShort) expect(back?.facts()).toEqual(new FlotillaError(code, message, more).facts())
    },
  )

  property(
    'is an error of the closed set, whatever a peer says',
    [
      fc.dictionary(
        fc.constantFrom('code', 'message', 'facts'),
        fc.oneof(anyText, fc.json(), fc.constantFrom('OK', 'INTERNAL', '%', '%E0')),
      ),
    ],
    (trailers) => {
      const error = fromTrailers(trailers)
      if (error === undefined) expect(trailers['code']).toBe('OK')
      else {
        expect(ErrorCode.options).toContain(error.code)
        expect(error.message.length).toBeLessThanOrEqual(9000)
        if (error.kind !== undefined) expect(findErrorKind(error.kind) ?? error.kind).toBeTruthy()
      }
    },
  )
})
