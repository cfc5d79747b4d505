import { expect, it } from 'vitest'
import { LineDecoder } from './line-decoder.ts'
import type { LogParser } from './log-entry.ts'
import { FramedLogParser, TerminalLogParser } from './log-parsers.ts'

// What Docker 20.10 answered for `echo one; echo two >&2; head -c 16500 /dev/zero | tr '\0' x; echo; printf 'grün'; …`, with
// times: its drivers cut the long line after 16 KiB, and `local` has lost that line's newline.
const piece = 'x'.repeat(16_384)
const rest = 'x'.repeat(116)
const at = (seconds: string) => `2026-11-24T14:25:${seconds}Z`

function frame(type: 1 | 2 | 3, text: string): Buffer {
  const body = Buffer.from(text)
  const header = Buffer.from([type, 0, 0, 0, 0, 0, 0, 0])
  header.writeUInt32BE(body.length, 4)
  return Buffer.concat([header, body])
}
const jsonFile = Buffer.concat([
  frame(1, `${at('05.365300630')} one\n`),
  frame(1, `${at('05.372447298')} ${piece}`),
  frame(1, `${at('05.372447298')} ${rest}\n`),
  frame(2, `${at('05.372533367')} two\n`),
  frame(1, `${at('05.506286472')} grün tail`),
])
const local = Buffer.concat([
  frame(2, `${at('07.304554649')} two\n`),
  frame(1, `${at('07.305286920')} one\n`),
  frame(1, `${at('07.306387730')} ${piece}`),
  frame(1, `${at('07.306387730')} ${rest}`),
  frame(1, `${at('07.437878333')} grün tail`),
])
const jsonFileTerminal = Buffer.from(
  [
    ...[`${at('06.426241802')} one\r\n`, `${at('06.426362733')} two\r\n`],
    ...[`${at('06.445272777')} ${piece}`, `${at('06.445272777')} ${rest}\r\n`, `${at('06.577835258')} grün tail`],
  ].join(''),
)
const localTerminal = Buffer.from(
  [
    ...[`${at('08.699971150')} one\r\n`, `${at('08.699993303')} two\r\n`],
    ...[`${at('08.700002457')} ${piece}`, `${at('08.700002457')} ${rest}\r`, `${at('08.857522703')} grün tail`],
  ].join(''),
)

/** Every entry as `stream second text`, `+` where the line goes on; the body comes in chunks of a size. */
function read(parser: LogParser, body: Buffer, chunkBytes: number): string[] {
  const entries = []
  for (let from = 0; from < body.length; from += chunkBytes) {
    entries.push(...parser.push(body.subarray(from, from + chunkBytes)))
  }
  entries.push(...parser.end())
  return entries.map(({ time, stream, partial, data }) => {
    const text = data.toString().replace(/x{100,}/, (run) => `x${run.length}`)
    return `${stream} ${time.slice(17, 22)} ${text}${partial ? '+' : ''}`
  })
}

it('quotes no more of what the daemon says than a sentence holds', () => {
  const said = () => new FramedLogParser().push(frame(3, 'x'.repeat(1_000_000)))
  expect(said).toThrow(/x{1000}/)
  expect(said).not.toThrow(/x{1001}/)
})

it('leaves a byte order mark where it stands', () => {
  const decoder = new LineDecoder()
  const line = { time: '', stream: 'stdout' as const, data: Buffer.from('\ufeffa') }
  expect([true, false].map((partial) => decoder.decode({ ...line, partial }).text)).toEqual(['\ufeffa', '\ufeffa'])
})

const chunkSizes = [1, 7, 1000, 16_384, 65_536]

it.each(chunkSizes)('takes both streams apart, chunks of %i bytes', (size) => {
  expect(read(new FramedLogParser(), jsonFile, size)).toEqual([
    ...['stdout 05.36 one', 'stdout 05.37 x16384+', 'stdout 05.37 x116', 'stderr 05.37 two', 'stdout 05.50 grün tail'],
  ])
  expect(read(new FramedLogParser(), local, size)).toEqual([
    ...['stderr 07.30 two', 'stdout 07.30 one', 'stdout 07.30 x16384+', 'stdout 07.30 x116', 'stdout 07.43 grün tail'],
  ])
})

// One byte at a time looks for the long line's end 16,000 times; that is no more than slow.
it.each(chunkSizes.slice(1))('takes a terminal’s messages apart, chunks of %i bytes', (size) => {
  expect(read(new TerminalLogParser(), jsonFileTerminal, size)).toEqual([
    ...['stdout 06.42 one\r', 'stdout 06.42 two\r', 'stdout 06.44 x16384+', 'stdout 06.44 x116\r'],
    'stdout 06.57 grün tail',
  ])
  expect(read(new TerminalLogParser(), localTerminal, size)).toEqual([
    ...['stdout 08.69 one\r', 'stdout 08.69 two\r', 'stdout 08.70 x16384+', 'stdout 08.70 x116\r'],
    'stdout 08.85 grün tail',
  ])
})

it('leaves a time that the container itself printed where it is', () => {
  const own = `${at('01.000000000')} ${at('09.000000000')} own\n`
  expect(read(new TerminalLogParser(), Buffer.from(own), 7)).toEqual([
    'stdout 01.00 2026-11-24T14:25:09.000000000Z own',
  ])
})

it('tells what the daemon could not read, and bytes that are no frames', () => {
  expect(() => new FramedLogParser().push(frame(3, 'Error grabbing logs: bad line\n'))).toThrow(/Error grabbing logs/)
  expect(() => new FramedLogParser().push(Buffer.from('plain text, no frame'))).toThrow(/not in its own format/)
})

it('puts a character together that was cut between two pieces', () => {
  const [first, second] = [Buffer.from('ab\u00fc').subarray(0, 3), Buffer.from('\u00fcc').subarray(1)]
  const decoder = new LineDecoder()
  const entry = { time: at('01.000000000'), stream: 'stdout' as const }
  const other = { ...entry, stream: 'stderr' as const, partial: false, data: Buffer.from('between') }
  expect(decoder.decode({ ...entry, partial: true, data: first })).toMatchObject({ text: 'ab', partial: true })
  expect(decoder.decode(other).text).toBe('between')
  expect(decoder.decode({ ...entry, partial: false, data: second }).text).toBe('üc')
})
