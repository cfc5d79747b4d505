import { createHash } from 'node:crypto'
import http2, { type ClientHttp2Session, type ClientHttp2Stream } from 'node:http2'
import { Duplex } from 'node:stream'
import { setTimeout as sleep } from 'node:timers/promises'
import type { Client } from '@flotilla/protocol'
import { connect } from '../connect.ts'
import { defaultLimits, sessionOptions } from '../limits.ts'
import { memoryPair } from '../memory.ts'
import { serve } from '../serve.ts'
import { all, errorOf } from './open-link.ts'
import { madeBytes, testService } from './service.ts'
import type { testMethods } from './table.ts'

/** What one call is answered: its frames, the bytes of each as their sum, and its trailers. */
interface Answer {
  frames: unknown[]
  code: string
  message: string
}

/** What a client wrote for one thing that it did, and what each of its calls was answered. */
export interface Step {
  name: string
  /** Base64: what it wrote before it was answered, and the ends of its calls after that. */
  sent: readonly [string, string]
  answers: Answer[]
}

type TestClient = Client<typeof testMethods>

async function* body(bytes: number): AsyncGenerator<Uint8Array> {
  for (const chunk of madeBytes(bytes, 7)) yield await Promise.resolve(chunk)
}

async function* typed(): AsyncGenerator<Uint8Array | { resize: number }> {
  yield Buffer.from('hello')
  yield await Promise.resolve({ resize: 80 })
  yield Buffer.from('wörld')
}

const withBody = ['a terminal', 'an upload']

/** One call of each kind, and what can go wrong with it. */
const script: readonly [string, (client: TestClient) => Promise<unknown>][] = [
  ['a call', (client) => client.echo.say({ text: 'ä🧀', times: 2 })],
  [
    'a call with scope, operation id and deadline',
    (client) =>
      client.echo.who(
        {},
        { scope: { actor: 'user:7', permissions: ['containers.read'] }, operationId: 'operation-1', timeoutMs: 5000 },
      ),
  ],
  ['a call with a bad input', (client) => errorOf(client.echo.say({ text: 1 as unknown as string }))],
  ['a call of what is absent', (client) => errorOf(client.echo.absent({}))],
  ['a call of what fails inside', (client) => errorOf(client.echo.crash({}))],
  ['a stream', (client) => all(client.lines.follow({ count: 45, batch: 10 }))],
  ['a stream with an error in the middle', (client) => errorOf(all(client.lines.follow({ failAt: 20 })))],
  ['a terminal', (client) => all(client.terminal.open({}, typed()))],
  ['an upload', (client) => client.files.put({}, body(100_000))],
  ['a download', (client) => all(client.files.get({ bytes: 600_000, seed: 3 }))],
]

function serveTest(duplex: Duplex): { end: () => Promise<unknown> } {
  const { service } = testService()
  const find = (name: string) => (name === 'test' ? service : undefined)
  const session = serve(duplex, { find, hello: { version: '1.2.3', name: 'host' } })
  return {
    end: () => {
      session.close()
      return session.closed
    },
  }
}

/** Has today's client go through the script, and writes down its bytes. */
export async function record(methods: typeof testMethods): Promise<Omit<Step, 'answers'>[]> {
  const [near, far] = memoryPair()
  const server = serveTest(far)
  let bytes: Buffer[] = []
  const tap = new Duplex({
    read() {},
    write(chunk: Buffer, _encoding, done) {
      bytes.push(chunk)
      near.write(chunk, done)
    },
  })
  near.on('data', (chunk) => tap.push(chunk))
  const steps: Omit<Step, 'answers'>[] = []
  const take = async (name: string) => {
    await sleep(50) // the last of its window updates and ends
    const [before, after] = atFirstEnd(Buffer.concat(bytes), steps.length === 0 ? http2Preface : 0)
    const parts = withBody.includes(name) ? [Buffer.concat([before, after]), Buffer.alloc(0)] : [before, after]
    steps.push({ name, sent: [parts[0]?.toString('base64') ?? '', parts[1]?.toString('base64') ?? ''] })
    bytes = []
  }
  const link = await connect(tap, { hello: { version: '1.2.4' } })
  await take('the first exchange')
  const client = link.client('test', methods)
  for (const [name, call] of script) {
    await call(client)
    await take(name)
  }
  link.close()
  await server.end()
  return steps
}

/** Plays recorded bytes to today's server; its answers are decoded by a plain HTTP/2 client that is heard by nobody. */
export async function replay(steps: readonly Pick<Step, 'name' | 'sent'>[]): Promise<Step[]> {
  const [near, far] = memoryPair()
  const server = serveTest(far)
  const ear = new Duplex({ read() {}, write: (_chunk, _encoding, done) => done() })
  near.on('data', (chunk) => ear.push(chunk))
  const decoder = http2.connect('http://agent', { ...sessionOptions(defaultLimits), createConnection: () => ear })
  decoder.on('error', () => {}) // its streams tell
  const played: Step[] = []
  try {
    let preface = http2Preface
    for (const { name, sent } of steps) {
      const [before, after] = sent.map((part) => Buffer.from(part, 'base64'))
      if (before === undefined || after === undefined) throw new Error(`The recording of ${name} is broken.`)
      const answers = Array.from({ length: requestsIn(before.subarray(preface)) }, () => answerTo(decoder))
      preface = 0
      near.write(before)
      played.push({ name, sent, answers: await Promise.all(answers) })
      near.write(after)
    }
  } finally {
    decoder.destroy()
    await server.end()
  }
  return played
}

/** Bytes of the client's preface, before its first frame. */
const http2Preface = 24
const [dataFrame, headersFrame] = [0, 1]
const endStream = 1

function* framesOf(bytes: Buffer, from: number): Generator<{ at: number; type: number; ends: boolean }> {
  for (let at = from; at + 9 <= bytes.length; at += 9 + bytes.readUIntBE(at, 3)) {
    const type = bytes[at + 3] ?? 0
    yield { at, type, ends: type === dataFrame && ((bytes[at + 4] ?? 0) & endStream) !== 0 }
  }
}

/** How many calls begin in the bytes of a client: each has one block of headers, for no client of ours sends trailers. */
function requestsIn(bytes: Buffer): number {
  return [...framesOf(bytes, 0)].filter(({ type }) => type === headersFrame).length
}

/** A call that is ended before its answer is cancelled, so what came after the answer has to come after it again. */
function atFirstEnd(bytes: Buffer, from: number): [Buffer, Buffer] {
  const end = [...framesOf(bytes, from)].find(({ ends }) => ends)?.at ?? bytes.length
  return [bytes.subarray(0, end), bytes.subarray(end)]
}

/** The answer on the decoder's next stream, which has the number of the recorded client's. */
async function answerTo(decoder: ClientHttp2Session): Promise<Answer> {
  const stream: ClientHttp2Stream = decoder.request({ ':method': 'POST', ':path': '/' }, { endStream: false })
  const chunks: Buffer[] = []
  let trailers: Record<string, unknown> = {}
  stream.on('trailers', (given: Record<string, unknown>) => {
    trailers = given
    stream.end()
  })
  await new Promise<void>((resolve, reject) => {
    stream.on('error', reject)
    stream.on('data', (chunk: Buffer) => chunks.push(chunk))
    stream.on('close', () => resolve())
  })
  const { code, message } = trailers
  return { frames: framesIn(Buffer.concat(chunks)), code: String(code), message: String(message ?? '') }
}

/** JSON as it is; neighbouring bytes as their number and sum, for they may be cut anywhere. */
function framesIn(bytes: Buffer): unknown[] {
  const frames: unknown[] = []
  let run: Buffer[] = []
  const endRun = () => {
    if (run.length === 0) return
    const whole = Buffer.concat(run)
    frames.push({ bytes: whole.length, sha256: createHash('sha256').update(whole).digest('hex') })
    run = []
  }
  for (let at = 0; at < bytes.length; ) {
    const length = bytes.readUInt32BE(at + 1)
    const payload = bytes.subarray(at + 5, at + 5 + length)
    if (bytes[at] === 0) run.push(payload)
    else {
      endRun()
      frames.push(JSON.parse(payload.toString()) as unknown)
    }
    at += 5 + length
  }
  endRun()
  return frames
}
