import { setTimeout as sleep } from 'node:timers/promises'
import {
  type FleetChanges,
  type LogBatch,
  type StreamEnd,
  type StreamOpenInput,
  FlotillaError,
  liveEvents,
} from '@flotilla/protocol'
import { io } from 'socket.io-client'
import { signIn } from './platform-setup.ts'

/** What a browser's tab holds of the live channel, with no browser. */
export interface Tab {
  readonly fleet: readonly FleetChanges[]
  /** Whether it is connected now. */
  readonly connected: boolean
  /** Opens a stream; each piece is acknowledged once `take` has settled, as a browser does after rendering. */
  open(open: Opening, take: (piece: Buffer | string) => void | Promise<void>): Promise<LiveStream>
  close(): void
}

/** A stream to open; its number is the tab's own affair. */
export type Opening = {
  [Kind in StreamOpenInput['kind']]: Omit<Extract<StreamOpenInput, { kind: Kind }>, 'stream'>
}[StreamOpenInput['kind']]

export interface LiveStream {
  /** Why it ended; no error where its source did. */
  readonly ended: Promise<StreamEnd>
  /** Bytes typed, or a message. Throws what the server answers. */
  input(input: {
    data?: Buffer
    message?: { type: 'resize'; columns: number; rows: number } | { type: 'stdin-end' }
  }): Promise<void>
  close(): void
}

export interface TabOptions {
  url: string
  admin: { email: string; password: string }
  /** Told of each message of the fleet when it comes. */
  onFleet?: (changes: FleetChanges) => void
}

let nextStream = 1

/** Signs in and connects as the dashboard does. */
export async function openTab({ url, admin, onFleet }: TabOptions): Promise<Tab> {
  const cookie = await signIn(url, admin)
  const socket = io(url, {
    ...{ path: '/api/socket.io', transports: ['websocket'], reconnection: false, forceNew: true },
    extraHeaders: { cookie, origin: url },
    rejectUnauthorized: false,
  })
  const fleet: FleetChanges[] = []
  const streams = new Map<number, { take(piece: Buffer | string): void; end(end: StreamEnd): void }>()
  socket.on(liveEvents.fleet, (changes: FleetChanges) => {
    fleet.push(changes)
    onFleet?.(changes)
  })
  socket.on(liveEvents.streamData, (stream: number, piece: Buffer | string) => streams.get(stream)?.take(piece))
  socket.on(liveEvents.streamEnd, (end: StreamEnd) => streams.get(end.stream)?.end(end))
  socket.on('disconnect', (reason) => {
    for (const [stream, one] of streams) one.end({ stream, error: { code: 'UNAVAILABLE', message: reason } })
  })
  await until('the first message of the live channel', () => fleet.length > 0)

  const say = async (event: string, message: object) => {
    const answer = (await socket.timeout(30_000).emitWithAck(event, message)) as { error?: { message: string } }
    if (answer.error !== undefined) throw new FlotillaError('INTERNAL', answer.error.message)
  }
  return {
    fleet,
    get connected() {
      return socket.connected
    },
    async open(open, take) {
      const stream = nextStream++
      let rendered: Promise<void> = Promise.resolve()
      const ended = new Promise<StreamEnd>((resolve, reject) => {
        streams.set(stream, {
          take(piece) {
            rendered = rendered.then(async () => {
              await take(piece)
              socket.emit(liveEvents.streamAck, { stream, bytes: piece.length })
            })
            rendered.catch(reject)
          },
          end: (end) => void rendered.then(() => resolve(end), reject),
        })
      })
      await say(liveEvents.streamOpen, { ...open, stream })
      return {
        ended,
        input: (input) => say(liveEvents.streamInput, { stream, ...input }),
        close: () => void socket.emit(liveEvents.streamClose, { stream }),
      }
    },
    close: () => void socket.disconnect(),
  }
}

/** The batches of a piece of a log stream. */
export function logBatches(piece: Buffer | string): LogBatch[] {
  return JSON.parse(piece.toString()) as LogBatch[]
}

/** Waits for a condition; throws TIMEOUT with its name. */
export async function until(what: string, condition: () => boolean | Promise<boolean>, ms = 20_000): Promise<void> {
  const end = performance.now() + ms
  while (!(await condition())) {
    if (performance.now() > end) throw new FlotillaError('TIMEOUT', `${what} did not happen within ${ms / 1000} s.`)
    await sleep(20)
  }
}
