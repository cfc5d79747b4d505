import { io } from 'socket.io-client'

/** Messages that are kept to choose from: ten seconds of them. */
const remembered = 100

/** What came in a window. */
export interface Heard {
  /** In milliseconds, one for each change. */
  latencies: number[]
  messages: number
  /** Of the messages as JSON, which is how they travel. */
  bytes: number
}

export interface Listener {
  /** What came since it was last asked. */
  take(): Heard
}

/** Counts the feed's messages, whatever their shape, by the containers that they hold. */
export class FleetListener implements Listener {
  #heard = nothing()
  readonly #messages: { message: object; bytes: number }[] = []

  readonly hear = (message: object): void => {
    const now = Date.now()
    const bytes = Buffer.byteLength(JSON.stringify(message))
    this.#messages.push({ message, bytes })
    if (this.#messages.length > remembered) this.#messages.shift()
    this.#heard.messages += 1
    this.#heard.bytes += bytes
    for (const { startedAt, finishedAt } of containersOf(message)) {
      const latest = Math.max(...[startedAt, finishedAt].map((at) => (at === null ? 0 : Date.parse(at))))
      this.#heard.latencies.push(now - latest)
    }
  }

  /** Of the last ones that of the middle size. */
  middleMessage(): object {
    const sorted = this.#messages.toSorted((one, other) => one.bytes - other.bytes)
    return sorted[sorted.length >> 1]?.message ?? {}
  }

  take(): Heard {
    const heard = this.#heard
    this.#heard = nothing()
    return heard
  }
}

/** Hears the bare peer on that port. */
export async function hearBare(port: number): Promise<Listener & { close(): void }> {
  let heard = nothing()
  const socket = io(`http://127.0.0.1:${port}`, { transports: ['websocket'], reconnection: false, forceNew: true })
  socket.on('message', (message: { sentAt: number }) => {
    heard.latencies.push(Number(process.hrtime.bigint()) / 1e6 - message.sentAt)
    heard.messages += 1
    heard.bytes += Buffer.byteLength(JSON.stringify(message))
  })
  await new Promise<void>((resolve, reject) => {
    socket.once('connect', resolve)
    socket.once('connect_error', reject)
  })
  return {
    take() {
      const used = heard
      heard = nothing()
      return used
    },
    close: () => void socket.disconnect(),
  }
}

function nothing(): Heard {
  return { latencies: [], messages: 0, bytes: 0 }
}

interface Times {
  startedAt: string | null
  finishedAt: string | null
}

/** Every object inside that has a container's times. */
function containersOf(value: unknown): Times[] {
  if (typeof value !== 'object' || value === null) return []
  if ('startedAt' in value && 'finishedAt' in value) return [value as Times]
  return Object.values(value).flatMap(containersOf)
}
