import type { ExecUp, FleetChanges, liveEvents, StreamEnd, StreamOpenInput } from '@flotilla/protocol'
import { io, type Socket } from 'socket.io-client'
import { LiveStream } from './stream.ts'

type WithoutId<T> = T extends unknown ? Omit<T, 'stream'> : never
/** A stream's opening without its number, which the channel gives. */
export type Opening = WithoutId<StreamOpenInput>

/** The names on the wire, checked against the protocol's; written here so that the page need not load its schemas. */
export const events: typeof liveEvents = {
  fleet: 'fleet',
  streamOpen: 'stream.open',
  streamData: 'stream.data',
  streamAck: 'stream.ack',
  streamInput: 'stream.input',
  streamClose: 'stream.close',
  streamEnd: 'stream.end',
}

export interface LiveStatus {
  connected: boolean
  /** When the connection was last known to live, in milliseconds since the page was opened; null before the first. */
  lastSeenAt: number | null
}

/** The one connection of a tab: fleet changes and any number of streams, each of which outlives a cut connection. */
export class LiveChannel {
  private readonly socket: Socket
  private readonly streams = new Map<number, LiveStream>()
  private readonly statusListeners = new Set<() => void>()
  private readonly fleetListeners = new Set<(changes: FleetChanges) => void>()
  private readonly resetListeners = new Set<() => void>()
  private readonly refusalListeners = new Set<() => void>()
  private again: ReturnType<typeof setTimeout> | undefined
  private nextStream = 1
  private sequence: number | null = null
  status: LiveStatus = { connected: false, lastSeenAt: null }

  constructor() {
    this.socket = io({
      path: '/api/socket.io',
      transports: ['websocket'],
      reconnectionDelay: 300,
      reconnectionDelayMax: 3000,
      autoConnect: false,
    })
    this.socket.on('connect', () => this.connected())
    this.socket.on('disconnect', (reason) => this.disconnected(reason))
    this.socket.on('connect_error', () => this.refused())
    this.socket.on(events.fleet, (changes: FleetChanges) => this.fleet(changes))
    this.socket.on(events.streamData, (stream: number, data: ArrayBuffer | string) =>
      this.streams.get(stream)?.receive(data),
    )
    this.socket.on(events.streamEnd, (end: StreamEnd) => this.streams.get(end.stream)?.ended(end.error))
    this.socket.io.on('ping', () => this.seen())
    this.socket.connect()
  }

  onStatus(listener: () => void): () => void {
    this.statusListeners.add(listener)
    return () => this.statusListeners.delete(listener)
  }

  onFleet(listener: (changes: FleetChanges) => void): () => void {
    this.fleetListeners.add(listener)
    return () => this.fleetListeners.delete(listener)
  }

  /**
   * Called when changes may have been missed, so that lists must be asked for again: at each connection, the first one too,
   * since a list may have been answered before it; and at a gap.
   */
  onReset(listener: () => void): () => void {
    this.resetListeners.add(listener)
    return () => this.resetListeners.delete(listener)
  }

  /**
   * Called when the server ended the connection or none could be made. A browser does not say whether that was for want of a
   * server or of a session, so whoever listens has to ask.
   */
  onRefusal(listener: () => void): () => void {
    this.refusalListeners.add(listener)
    return () => this.refusalListeners.delete(listener)
  }

  /** `opening` is asked again at each reconnection, so that a stream may go on where it stood. */
  open(opening: () => Opening): LiveStream {
    const stream = new LiveStream({
      open: (id, answer) => {
        this.streams.set(id, stream)
        this.socket.emit(events.streamOpen, { ...opening(), stream: id }, answer)
      },
      newId: () => this.nextStream++,
      ack: (id, bytes) => this.socket.emit(events.streamAck, { stream: id, bytes }),
      input: (id, input: { data?: Uint8Array; message?: ExecUp }, answered?: () => void) => {
        const message = { stream: id, ...input }
        if (answered === undefined) this.socket.emit(events.streamInput, message)
        else this.socket.emit(events.streamInput, message, (reply: object) => 'error' in reply || answered())
      },
      close: (id, tell) => {
        this.streams.delete(id)
        if (tell && this.socket.connected) this.socket.emit(events.streamClose, { stream: id })
      },
      isConnected: () => this.socket.connected,
    })
    this.waiting.add(stream)
    stream.onClosed(() => this.waiting.delete(stream))
    if (this.socket.connected) stream.connect()
    return stream
  }

  close(): void {
    clearTimeout(this.again)
    for (const stream of [...this.waiting]) stream.close()
    this.socket.disconnect()
  }

  private readonly waiting = new Set<LiveStream>()

  private connected(): void {
    this.sequence = null
    this.setStatus({ connected: true, lastSeenAt: performance.now() })
    for (const listener of this.resetListeners) listener()
    for (const stream of [...this.waiting]) stream.connect()
  }

  private disconnected(reason: string): void {
    this.setStatus({ ...this.status, connected: false })
    for (const stream of [...this.waiting]) stream.lost()
    this.streams.clear()
    if (reason !== 'io server disconnect') return
    this.again = setTimeout(() => this.socket.connect(), 1000)
    this.refused()
  }

  private refused(): void {
    for (const listener of this.refusalListeners) listener()
  }

  private fleet(changes: FleetChanges): void {
    this.seen()
    if (this.sequence !== null && changes.sequence !== this.sequence + 1)
      for (const listener of this.resetListeners) listener()
    this.sequence = changes.sequence
    for (const listener of this.fleetListeners) listener(changes)
  }

  private seen(): void {
    this.setStatus({ connected: this.socket.connected, lastSeenAt: performance.now() })
  }

  private setStatus(status: LiveStatus): void {
    this.status = status
    for (const listener of this.statusListeners) listener()
  }
}
