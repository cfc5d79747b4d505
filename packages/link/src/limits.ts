/** Bounds of one link. Both ends have the same defaults; tests shorten some of them. */
export interface Limits {
  /** Streams, duplexes, uploads and downloads open at once; one more answers RESOURCE_EXHAUSTED. */
  longStreams: number
  /** Calls of any kind that HTTP/2 lets be open at once. Far over `longStreams`: past it calls would wait in silence. */
  openStreams: number
  /** Bytes of one JSON frame. */
  jsonBytes: number
  /** Brackets within brackets in one JSON frame. */
  jsonDepth: number
  /** Bytes of all half-received JSON frames of the link together. */
  jsonBudget: number
  /** What one stream may have under way unread, in bytes. */
  streamWindow: number
  /** What the whole link may have under way, in bytes. More would make keystrokes wait on slow uplinks. */
  sessionWindow: number
  /**
   * Bytes that may wait in this process before streams and downloads stop adding to them. Far under the session's window:
   * what a terminal says goes behind all that waits.
   */
  bulkBacklog: number
  /** Milliseconds between pings; a side that was silent for two of them is dead. */
  pingMs: number
  /** Milliseconds that unary calls have where the caller says nothing. */
  unaryMs: number
  /** Milliseconds for the first exchange, for a call's first frame, and for a key's proof. */
  openingMs: number
  /** Milliseconds that a cancelled call has to end politely before its stream is reset. */
  graceMs: number
}

export const defaultLimits: Limits = {
  longStreams: 1000,
  openStreams: 10_000,
  jsonBytes: 4 * 1024 * 1024,
  jsonDepth: 64,
  jsonBudget: 64 * 1024 * 1024,
  streamWindow: 256 * 1024,
  sessionWindow: 1024 * 1024,
  bulkBacklog: 32 * 1024,
  pingMs: 4000,
  unaryMs: 30_000,
  openingMs: 10_000,
  graceMs: 10_000,
}

/** HTTP/2 session options of both ends. Node's own defaults fail with 400 unread streams; see docs/adr/0002-link.md. */
export function sessionOptions(limits: Limits) {
  return {
    settings: {
      initialWindowSize: limits.streamWindow,
      maxConcurrentStreams: limits.openStreams,
      maxHeaderListSize: 16 * 1024,
      enablePush: false,
    },
    maxSessionMemory: 512,
    peerMaxConcurrentStreams: limits.openStreams,
  }
}

/** Most bytes the eager wrapper may hold: one session window of data, and room for control frames. */
export function eagerBound(limits: Limits): number {
  return limits.sessionWindow + 1024 * 1024
}
