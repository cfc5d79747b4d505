import { type CallOptions, type FlotillaError, type Incoming, type Method, type Scope, fail } from '@flotilla/protocol'
import type { z } from 'zod'
import { cancelledError, type ClientCall } from './client-call.ts'
import type { Piece } from './frame-reader.ts'
import type { Limits } from './limits.ts'

/** A call that says nothing of its caller has no rights: forgetting the scope must not grant it. */
const noScope: Scope = { actor: '', permissions: [] }

type Open = (first: unknown, options: CallOptions) => ClientCall

/** The function that a client has for a method. Answers are checked against the method; bytes are not. */
export function callMethod(method: Method, open: Open, limits: Limits): unknown {
  const begin = beginWith(open)
  switch (method.kind) {
    case 'unary':
      return (input: unknown, options: CallOptions = {}) =>
        answerOf(() => begin(input, { timeoutMs: limits.unaryMs, ...options }), method.output)
    case 'stream':
      return (input: unknown, options: CallOptions = {}) =>
        piecesOf(
          () => begin(input, options),
          (piece) => message(piece, method.item),
        )
    case 'download':
      return (input: unknown, options: CallOptions = {}) => piecesOf(() => begin(input, options), onlyBytes)
    case 'upload':
      return (input: unknown, body: AsyncIterable<Uint8Array>, options: CallOptions = {}) =>
        answerOf(() => begin(input, options), method.output, body)
    case 'duplex':
      return (input: unknown, outgoing: Incoming<unknown>, options: CallOptions = {}) =>
        piecesOf(
          () => begin(input, options),
          (piece) => ('bytes' in piece ? piece.bytes : message(piece, method.down)),
          outgoing,
        )
  }
}

/** The function for a stream whose items are passed on as the JSON text that they came in. `open` has to ask for that. */
export function passStream(open: Open): unknown {
  const begin = beginWith(open)
  return (input: unknown, options: CallOptions = {}) => piecesOf(() => begin(input, options), onlyText)
}

function beginWith(open: Open) {
  return (input: unknown, options: CallOptions) => {
    const { scope = noScope, operationId = '' } = options
    return open({ input, scope, operationId }, options)
  }
}

function onlyText(piece: Piece): Uint8Array {
  if ('json' in piece && piece.json instanceof Uint8Array) return piece.json
  throw unfit('bytes where a message belongs')
}

async function answerOf(begin: () => ClientCall, output: z.ZodType, body?: Incoming<unknown>): Promise<unknown> {
  const call = begin()
  if (body !== undefined) void call.send(body) // it never rejects: a failing body cancels the call
  try {
    const piece = await call.next()
    if (piece === undefined) throw unfit('no answer')
    const answer = message(piece, output)
    if ((await call.next()) !== undefined) throw unfit('a second answer')
    return answer
  } finally {
    call.cancel(cancelledError())
  }
}

async function* piecesOf(
  begin: () => ClientCall,
  read: (piece: Piece) => unknown,
  outgoing?: Incoming<unknown>,
): AsyncGenerator<unknown> {
  const call = begin()
  if (outgoing !== undefined) void call.send(outgoing) // it never rejects: a failing body cancels the call
  try {
    for (let piece = await call.next(); piece !== undefined; piece = await call.next()) yield read(piece)
  } finally {
    call.cancel(cancelledError())
  }
}

function onlyBytes(piece: Piece): Uint8Array {
  if ('bytes' in piece) return piece.bytes
  throw unfit('a message among bytes')
}

function message(piece: Piece, schema: z.ZodType): unknown {
  if (!('json' in piece)) throw unfit('bytes where a message belongs')
  const parsed = schema.safeParse(piece.json)
  if (parsed.success) return parsed.data
  throw unfit(parsed.error.message)
}

function unfit(detail: string): FlotillaError {
  return fail('link.notUnderstood', {}, { detail: detail.slice(0, 2000) })
}
